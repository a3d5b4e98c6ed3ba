import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, toHex } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RADIO_FAULT_NAMES } from '../radio/faults/index.js';
import { BandStock } from '../taps/bands.js';
import { run } from './program.js';

const bandsim = (...args: string[]): Promise<number> => run(['node', 'bandsim', 'radio', ...args]);

const dir = mkdtempSync(join(tmpdir(), 'bandsim-radio-'));
const keyFile = join(dir, 'issuer.key');
const SITE = ['--site', 'dahaiyang', '--issuer-key', keyFile];

/** Lines of JSON that are printed from now on. */
function printed(): unknown[] {
  const said: unknown[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(JSON.parse(String(text)));
    return true;
  });
  return said;
}

beforeAll(() => {
  writeFileSync(keyFile, writePrivateKeyPem(PrivateKey.generate()));
});

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('bandsim radio', () => {
  it('lists its faults, each with what it does', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    expect(await bandsim('--list-faults')).toBe(0);
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines.map((line) => line.split(' ')[0])).toEqual(RADIO_FAULT_NAMES);
    for (const line of lines) expect(line).toMatch(/^\S+ {2,}\S.{10,}/);
  });

  it.each([
    ['--bands', '10001'],
    ['--bands', 'many'],
    ['--interval', '5ms'],
    ['--loss', '101'],
    ['--fault', 'nonsense'],
    ['--fault', 'garbage:-1'],
    ['--drift', '100001'],
    ['--site', 'Dahaiyang'],
  ])('refuses %s %s as wrong usage', async (...args) => {
    const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await bandsim(...args)).toBe(2);
    expect(error.mock.calls.join('')).toMatch(/invalid/);
  });

  it('says what to do when it cannot open what it needs', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await bandsim('--link', '/nowhere/radio')).toBe(3);
    expect(await bandsim('--snoop', '/nowhere/radio.btsnoop')).toBe(3);
    expect(error.mock.calls.join('\n')).toMatch(/Give paths/);
  });

  it.each([
    [/both --site and --issuer-key/, ['--rate', '30']],
    [/both --site and --issuer-key/, ['--walk']],
    [/both --site and --issuer-key/, ['--site', 'dahaiyang']],
    [/no band 20/, ['--fault', 'garbage:20']],
    [/no band 3 /, ['--bands', '4-6', '--fault', 'garbage:3']],
  ])('refuses what does not go together, and says %s', async (message, args) => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await bandsim(...args)).toBe(2);
    expect(error.mock.calls.join('')).toMatch(message);
  });

  it('says what is the matter with the issuer key', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await bandsim('--site', 'dahaiyang', '--issuer-key', '/nowhere/issuer.key')).toBe(3);
    expect(error.mock.calls.join('')).toMatch(/issuer key in \/nowhere/);
  });

  it('opens a terminal, says where, and ends by itself with a summary', async () => {
    const said = printed();
    expect(await bandsim('--json', '--bands', '2', '--for', '200ms')).toBe(0);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({ event: 'ready', bands: 2, pid: process.pid });
    expect(said[1]).toMatchObject({ event: 'summary', bands: 2, logged: 0, acked: 0, droppedBytes: 0 });
  });

  it('has wristbands of a site that do things, and says what', async () => {
    const said = printed();
    const life = ['--help-calls', '3000', '--history', '30', '--walk', '--drift', '40', '--for', '1s'];
    expect(await bandsim('--json', ...SITE, '--bands', '2', ...life)).toBe(0);
    const id = new BandStock({ seed: '1', site: 'dahaiyang' }).id(0);
    expect(said[0]).toMatchObject({ event: 'ready', bands: 2 });
    expect(said[1]).toMatchObject({ event: 'logged', band: id, seq: 1, kind: 'device' });
    const logged = said.filter((line) => isEvent(line, 'logged'));
    const minutesAgo = (Date.now() - Number(logged[0]?.['at'])) / 60_000;
    expect(minutesAgo).toBeGreaterThan(29.9);
    expect(minutesAgo).toBeLessThan(31);
    expect(new Set(logged.map(({ kind }) => kind))).toEqual(new Set(['device', 'attest', 'request']));
    expect(said.filter((line) => isEvent(line, 'visit')).map(({ outcome }) => outcome)).toEqual([
      'begun',
      'attested',
    ]);
    expect(said.filter((line) => isEvent(line, 'vibrated'))).toContainEqual(
      expect.objectContaining({ pattern: 'visit', band: id }) as unknown,
    );
    expect(said.at(-1)).toMatchObject({ event: 'summary', logged: logged.length, acked: 0 });
  });

  it('tells a person what bands do in sentences', async () => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    expect(await bandsim(...SITE, '--bands', '2', '--history', '30', '--for', '100ms')).toBe(0);
    const text = lines.join('');
    expect(text).toMatch(/^band-\w+ logged 1: device$/m);
    expect(text).toMatch(/^band-\w+ visits band-\w+: attested$/m);
    expect(text).toMatch(/^band-\w+ vibrates: visit$/m);
  });
});

describe('bandsim bands --radio', () => {
  it('writes the keys by which a gateway knows wristbands, for its owner alone', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const out = join(dir, 'trust');
    const args = [...SITE, '--out', out, '--bands', '4-6', '--radio'];
    expect(await run(['node', 'bandsim', 'bands', ...args])).toBe(0);
    const file = join(out, 'radio-bands.json');
    expect(log.mock.calls.join('\n')).toContain(`radio:\n  bands: ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const stock = new BandStock({ seed: '1', site: 'dahaiyang' });
    const expected = [4, 5, 6].map((number) => ({ device: stock.id(number), irk: toHex(stock.irk(number)) }));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(expected);
    for (const { device } of expected)
      expect(statSync(join(out, 'bands', `${device}.cwt`)).isFile()).toBe(true);
  });

  it('refuses a mix beside it: a tag has no radio', async () => {
    const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const args = [...SITE, '--out', dir, '--radio', '--mix', '1:1:1'];
    expect(await run(['node', 'bandsim', 'bands', ...args])).toBe(2);
    expect(error.mock.calls.join('')).toMatch(/cannot be used with/);
  });
});

type Printed = Readonly<Record<string, unknown>>;

function isEvent(line: unknown, event: string): line is Printed {
  return typeof line === 'object' && line !== null && 'event' in line && line.event === event;
}
