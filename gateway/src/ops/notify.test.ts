/** The words that go to systemd, taken by a program of its name on the path. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceNotifier } from './notify.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-notify-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const silent = pino({ level: 'silent' });
const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: `${dir}:${process.env['PATH'] ?? ''}`,
  NOTIFY_SOCKET: '/run/systemd/notify',
  ...more,
});
/** Puts a `systemd-notify` on the path that writes down its words, a call a line. */
function installProgram(): () => string[] {
  const heard = join(dir, 'heard');
  writeFileSync(heard, '');
  const program = join(dir, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\nIFS='|'; printf '%s\\n' "$*" >> ${heard}\n`);
  chmodSync(program, 0o755);
  return () => readFileSync(heard, 'utf8').split('\n').slice(0, -1);
}

describe('systemd', () => {
  it('is told of the start, of a reload and of the end, in this order', async () => {
    const heard = installProgram();
    const notifier = serviceNotifier({ log: silent, env: environment() });
    await notifier.starting('opening the database');
    notifier.ready('ready');
    notifier.reloading();
    notifier.ready('ready;\nradio: no controller');
    await notifier.stopping();
    expect(heard()).toEqual([
      'EXTEND_TIMEOUT_USEC=900000000|STATUS=opening the database',
      'READY=1|STATUS=ready',
      expect.stringMatching(/^RELOADING=1\|MONOTONIC_USEC=\d+$/),
      'READY=1|STATUS=ready; radio: no controller',
      'STOPPING=1|STATUS=stopping',
    ]);
  });

  it('gets one sign of life at a time, however slowly it takes them', async () => {
    const heard = installProgram();
    const notifier = serviceNotifier({ log: silent, env: environment() });
    for (let n = 0; n < 10; n++) notifier.alive('ready');
    await notifier.stopping();
    expect(heard().filter((line) => line.startsWith('WATCHDOG=1'))).toHaveLength(1);
  });

  it('gives the time of its watchdog, where it is meant for this process', () => {
    const msFor = (env: Record<string, string>): number | undefined =>
      serviceNotifier({ log: silent, env: environment(env), pid: 77 }).watchdogMs;
    expect(msFor({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '77' })).toBe(30_000);
    expect(msFor({ WATCHDOG_USEC: '30000000' })).toBe(30_000);
    expect(msFor({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '78' })).toBeUndefined();
    expect(msFor({ WATCHDOG_USEC: 'soon' })).toBeUndefined();
    expect(msFor({})).toBeUndefined();
  });

  it('that cannot be told is complained of once', async () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => lines.push(line) });
    const env = environment({ PATH: dir });
    const notifier = serviceNotifier({ log, env });
    notifier.ready('ready');
    await notifier.stopping();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('is systemd-notify there?');
  });

  it('that did not start this gateway hears nothing', async () => {
    const heard = installProgram();
    const notifier = serviceNotifier({ log: silent, env: environment({ NOTIFY_SOCKET: '' }) });
    notifier.ready('ready');
    await notifier.stopping();
    expect(heard()).toEqual([]);
  });
});
