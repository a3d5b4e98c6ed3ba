import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { performRadio, RADIO_CONSOLE_HELP } from './console.js';
import { RadioSession } from './session.js';

const RESET = Buffer.from('01030c00', 'hex');
const RESET_DONE = '040e0401030c00';

let dir: string;
let link: string;
let session: RadioSession;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radio-'));
  link = join(dir, 'radio');
  session = new RadioSession({
    ...{ bands: 3, seed: '1', intervalMs: 100, lossRate: 0, baud: 1_000_000, controller: {}, faults: [] },
    link,
    snoop: join(dir, 'radio.btsnoop'),
  });
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
    const port = await reset();
    expect(type('unplug')).toEqual({ event: 'unplugged' });
    await close(port);
    expect(existsSync(link)).toBe(false);
    expect(type('plug')).toEqual({ event: 'plugged', path: session.path });
    await close(await reset());
  });

  it('writes what passes to a file as it goes', async () => {
    await close(await reset());
    const snoop = readFileSync(join(dir, 'radio.btsnoop'));
    expect(snoop.includes(RESET)).toBe(true);
    expect(snoop.toString('hex')).toContain(RESET_DONE);
  });
});

describe('the console of a radio', () => {
  it('does what is typed, and says so when it cannot', () => {
    expect(type('fault lost-adverts:2')).toBeUndefined();
    expect(type('heal')).toBeUndefined();
    expect(type('reboot')).toBeUndefined();
    expect(type('silent 1')).toBeUndefined();
    expect(type('')).toBeUndefined();
    expect(type('status')).toMatchObject({ bands: 3, connected: 0 });
    expect(type('fault nonsense')).toMatch(/--list-faults/);
    expect(type('fault garbage:0')).toMatch(/--list-faults/);
    expect(type('silent for ever')).toMatch(/silent 5/);
    expect(type('dance')).toMatch(/help/);
    expect(type('help')).toBe(RADIO_CONSOLE_HELP);
  });

  it('ends when told to', () => {
    let ended = 0;
    performRadio('quit', session, () => ended++);
    expect(ended).toBe(1);
  });
});
