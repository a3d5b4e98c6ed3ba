import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, COMMAND, decodeRecord, PrivateKey, readPunch, SmpClient } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { openSerialLink } from '@timeband/protocol/serial';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BIN = join(ROOT, 'simulator/bin/bandsim.js');
const dir = mkdtempSync(join(tmpdir(), 'bandsim-cli-'));
const keyFile = join(dir, 'issuer-key.pem');
const link = join(dir, 'reader-1');
const ARGS = ['reader', '--json', '--site', 'dahaiyang', '--issuer-key', keyFile, '--link', link];

type Message = Readonly<Record<string, unknown>>;

/** A running reader and what it prints. */
class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  private readonly messages: Message[] = [];
  private waiting: (() => void) | undefined;

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [BIN, ...ARGS, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
    if (this.process.stdout === null) throw new Error('no output');
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.messages.push(JSON.parse(line) as Message);
      this.waiting?.();
    });
  }

  type(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  /** The next message with these values; those before it are dropped. */
  async expect(values: Message): Promise<Message> {
    for (;;) {
      for (let message = this.messages.shift(); message !== undefined; message = this.messages.shift()) {
        const found = message;
        if (Object.entries(values).every(([key, value]) => found[key] === value)) return found;
      }
      await new Promise<void>((resolve) => (this.waiting = resolve));
    }
  }
}

let running: Running | undefined;

beforeAll(() => {
  if (!existsSync(BIN)) execFileSync('npx', ['tsc', '-b', 'simulator'], { cwd: ROOT });
  writeFileSync(keyFile, writePrivateKeyPem(PrivateKey.generate()));
});

afterEach(() => {
  running?.process.kill('SIGKILL');
  running = undefined;
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('bandsim reader', () => {
  it('serves a tap typed at it over its serial port, and ends cleanly when asked', async () => {
    running = new Running('--bands', '3');
    const ready = await running.expect({ event: 'ready' });
    expect(ready).toMatchObject({ device: 'reader-1', pid: running.process.pid });
    running.type('tap 04a1b2c3d4e5f6 out 303');
    const logged = await running.expect({ event: 'logged', kind: 'punch' });
    expect(Math.abs(Number(logged['at']) - Date.now())).toBeLessThan(10_000);

    const client = new SmpClient(await openSerialLink({ path: link }));
    const [, record = new Uint8Array()] = await call(client, COMMAND.records, { from: 1 });
    expect(readPunch(decodeRecord(record).body)).toEqual({
      direction: 'out',
      service: 303,
      proof: { kind: 'uid', uid: Uint8Array.of(0x04, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6) },
    });
    await client.close();

    running.type('nonsense');
    expect((await running.expect({ event: 'note' }))['message']).toMatch(/help/);
    running.type('status');
    expect(await running.expect({ logged: 2 })).toMatchObject({
      head: 2,
      acked: 0,
      kinds: { device: 1, punch: 1 },
    });
    running.process.stdin?.end();
    running.process.kill('SIGTERM');
    expect(await running.expect({ event: 'summary' })).toEqual({ event: 'summary', logged: 2, acked: 0 });
    expect(await running.ended).toBe(0);
    expect(() => lstatSync(link)).toThrow(/ENOENT/);
  });

  it('goes on when its standard input closes, and ends by itself after the time given', async () => {
    running = new Running('--rate', '6000', '--history', '30', '--for', '1s');
    running.process.stdin?.end();
    const summary = await running.expect({ event: 'summary' });
    expect(summary['logged']).toBeGreaterThan(1 + 20 + 20);
    expect(await running.ended).toBe(0);
  });

  it('says what is wrong with its arguments and ends with 2, with its key file and ends with 3', () => {
    const cases: [number, RegExp, string[]][] = [
      [2, /--site/, ['reader']],
      [2, /silent/, [...ARGS, '--fault', 'nonsense']],
      [2, /20s/, [...ARGS, '--for', '20']],
      [2, /unknown command/, ['nonsense']],
      [3, /issuer key/, [...ARGS, '--issuer-key', join(dir, 'missing.pem')]],
      [3, /link/, [...ARGS, '--link', join(dir, 'missing/reader-1')]],
    ];
    for (const [code, message, args] of cases) {
      const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
        encoding: 'utf8',
        timeout: 10_000,
      });
      expect([args.join(' '), status]).toEqual([args.join(' '), code]);
      expect(stderr).toMatch(message);
    }
  });

  it('lists its faults without needing anything else', () => {
    const { status, stdout } = spawnSync(process.execPath, [BIN, 'reader', '--list-faults'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^fork +\S/m);
  });
});
