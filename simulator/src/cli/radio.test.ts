import { afterEach, describe, expect, it, vi } from 'vitest';
import { RADIO_FAULT_NAMES } from '../radio/faults/index.js';
import { run } from './program.js';

const bandsim = (...args: string[]): Promise<number> => run(['node', 'bandsim', 'radio', ...args]);

afterEach(() => {
  vi.restoreAllMocks();
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
    ['--fault', 'garbage:0'],
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

  it('opens a terminal, says where, and ends by itself with a summary', async () => {
    const said: unknown[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said.push(JSON.parse(String(text)));
      return true;
    });
    expect(await bandsim('--json', '--bands', '2', '--for', '200ms')).toBe(0);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({ event: 'ready', bands: 2, pid: process.pid });
    expect(said[1]).toMatchObject({ event: 'summary', bands: 2, droppedBytes: 0 });
  });
});
