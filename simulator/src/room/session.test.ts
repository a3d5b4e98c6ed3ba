import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KIND, PrivateKey } from '@timeband/protocol';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BandEvent } from './witness.js';
import { performRadio, RADIO_CONSOLE_HELP } from './console.js';
import { RadioSession, type WornBands } from './session.js';

const RESET = Buffer.from('01030c00', 'hex');
const RESET_DONE = '040e0401030c00';
const NO_RATES = { presses: 0, visits: 0, helpCalls: 0 };

let dir: string;
let link: string;
let session: RadioSession;
let told: (BandEvent | 'ready' | 'stopped')[];

async function open(worn?: Partial<WornBands>): Promise<void> {
  const life = { site: 'dahaiyang', issuerKey: PrivateKey.generate(), rates: NO_RATES, history: 0 };
  told = [];
  session = await RadioSession.open({
    ...{ seed: '1', intervalMs: 100, lossRate: 0, baud: 1_000_000, controller: {}, faults: [] },
    bands: { from: 4, to: 6 },
    worn: worn && { ...life, ...worn },
    link,
    snoop: join(dir, 'radio.btsnoop'),
    report: {
      ready: () => told.push('ready'),
      band: (_, event) => told.push(event),
      stopped: () => told.push('stopped'),
    },
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radio-'));
  link = join(dir, 'radio');
});

afterEach(() => {
  session.end();
  rmSync(dir, { recursive: true });
});

/** Opens the terminal as a UART driver does, and resets the controller. */
async function reset(): Promise<SerialPort> {
  const port = new SerialPort({ path: link, baudRate: 1_000_000 });
  const answered = new Promise<string>((resolve) => {
    port.on('data', (bytes: Buffer) => {
      resolve(bytes.toString('hex'));
    });
  });
  port.write(RESET);
  expect(await answered).toBe(RESET_DONE);
  return port;
}

async function close(port: SerialPort): Promise<void> {
  await new Promise<void>((resolve) => {
    port.close(() => {
      resolve();
    });
  });
}

const type = (line: string): unknown => performRadio(line, session, () => undefined);

describe('a radio on a pseudo-terminal', () => {
  it('answers a serial port, again after it was unplugged and plugged in', async () => {
    await open();
    const port = await reset();
    expect(type('unplug')).toEqual({ event: 'unplugged' });
    await close(port);
    expect(existsSync(link)).toBe(false);
    expect(type('plug')).toEqual({ event: 'plugged', path: session.path });
    await close(await reset());
  });

  it('writes what passes to a file as it goes', async () => {
    await open();
    await close(await reset());
    const snoop = readFileSync(join(dir, 'radio.btsnoop'));
    expect(snoop.includes(RESET)).toBe(true);
    expect(snoop.toString('hex')).toContain(RESET_DONE);
  });

  it('tells of its terminal first, then of what the bands had done before', async () => {
    await open({ history: 30 });
    const kinds = told.map((event) => (typeof event === 'object' && 'kind' in event ? event.kind : event));
    expect(kinds.slice(0, 4)).toEqual(['ready', KIND.device, KIND.device, KIND.device]);
    expect(kinds.filter((kind) => kind === KIND.attest)).toHaveLength(2);
    expect(session.status()).toMatchObject({ bands: 3, logged: 5, acked: 0 });
  });
});

describe('the console of a radio', () => {
  it('does what is typed, and says so when it cannot', async () => {
    await open();
    expect(type('fault lost-adverts:4')).toBeUndefined();
    expect(type('heal')).toBeUndefined();
    expect(type('reboot')).toBeUndefined();
    expect(type('silent 1')).toBeUndefined();
    expect(type('')).toBeUndefined();
    expect(type('status')).toMatchObject({ bands: 3, connected: 0, logged: 0 });
    expect(type('fault nonsense')).toMatch(/--list-faults/);
    expect(type('fault garbage:-1')).toMatch(/--list-faults/);
    expect(type('fault garbage:3')).toMatch(/no band 3/);
    expect(type('silent for ever')).toMatch(/silent 5/);
    expect(type('dance')).toMatch(/help/);
    expect(type('help')).toBe(RADIO_CONSOLE_HELP);
    expect(type('press 4')).toMatch(/--site/);
  });

  it('has a wearer press the button, and call for help', async () => {
    await open({});
    const pressed = (): unknown => session.perform((wearers) => wearers.find(4)?.wristband.button.isPressed);
    expect(pressed()).toBe(false);
    expect(type('press 4')).toBeUndefined();
    expect(pressed()).toBe(true);
    expect(type('help 5')).toBeUndefined();
    expect(told.at(-1)).toMatchObject({ event: 'logged', kind: KIND.request, seq: 2 });
  });

  it.each([
    ['press', /press BAND/],
    ['press four', /press BAND/],
    ['press 4 5', /press BAND/],
    ['press 7', /no band 7/],
    ['help me', /help BAND/],
    ['visit 4', /visit PROVIDER RECIPIENT/],
    ['visit 4 4', /visit PROVIDER RECIPIENT/],
    ['visit 4 7', /no band 7/],
    ['end-visit 4 5 6', /RATING/],
    ['end-visit 4 5', /in no visit yet/],
  ])('answers "%s" with what would make sense', async (line, answer) => {
    await open({});
    expect(type(line)).toMatch(answer);
  });

  it('sends two on a visit once', async () => {
    await open({});
    expect(type('visit 4 5 401')).toBeUndefined();
    expect(type('visit 4 5 401')).toMatch(/in a visit/);
  });

  it('stops what happens at random, and says when that is so', async () => {
    await open({ rates: { ...NO_RATES, helpCalls: 6_000 } });
    await vi.waitFor(() => {
      expect(told.length).toBeGreaterThan(6);
    });
    type('stop');
    expect(told.at(-1)).toBe('stopped');
    const before = told.length;
    session.perform(() => undefined); // catches up with whatever was due
    expect(told).toHaveLength(before);
  });

  it('ends when told to', async () => {
    await open();
    let ended = 0;
    performRadio('quit', session, () => ended++);
    expect(ended).toBe(1);
  });
});
