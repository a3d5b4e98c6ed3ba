import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServiceNotifier } from '../ops/index.js';
import { StoreFault } from '../store/index.js';
import { startWatched } from './monitor.test.support.js';
import { startWatchdog, type WatchdogOptions } from './watchdog.js';

const EVERY_MS = 10_000;

async function watch(
  changes: Partial<WatchdogOptions['gateway']> = {},
  { watchdogMs }: Pick<ServiceNotifier, 'watchdogMs'> = { watchdogMs: 2 * EVERY_MS },
) {
  const { gateway, log, lines } = await startWatched();
  const timers = new ManualTimers(0);
  const told: string[] = [];
  const notifier: ServiceNotifier = {
    watchdogMs,
    starting: () => Promise.resolve(),
    ready: (status) => told.push(`READY ${status}`),
    reloading: () => undefined,
    alive: (status) => told.push(`ALIVE ${status}`),
    stopping: () => Promise.resolve(),
  };
  let probes = 0;
  const probe = (): void => {
    probes++;
    (changes.probe ?? gateway.probe)();
  };
  const end = startWatchdog({
    ...{ notifier, log, timers },
    gateway: { report: gateway.report, ...changes, probe },
  });
  onTestFinished(end);
  return { timers, told, lines, end, probes: () => probes };
}

describe('the watchdog', () => {
  it('says ready, then that the gateway lives, twice as often as systemd wants', async () => {
    const { timers, told, end } = await watch();
    expect(told).toEqual(['READY ready']);
    timers.advance(2 * EVERY_MS);
    expect(told.slice(1)).toEqual(['ALIVE ready', 'ALIVE ready']);
    end();
    timers.advance(5 * EVERY_MS);
    expect(told).toHaveLength(3);
  });

  it('writes to the real database before it says so, unless there was a commit', async () => {
    const { gateway } = await startWatched();
    let commits = 0;
    const report = () => ({ ...gateway.report(), commits: { count: commits, longestMs: 1 } });
    const { timers, probes } = await watch({ report });
    timers.advance(2 * EVERY_MS);
    expect(probes()).toBe(1);
    commits = 7;
    timers.advance(EVERY_MS);
    expect(probes()).toBe(1);
    timers.advance(EVERY_MS);
    expect(probes()).toBe(2);
  });

  it('is silent and rings the alarm when the database does not answer', async () => {
    const { timers, told, lines } = await watch({
      probe: () => {
        throw new Error('the database is locked by a ghost');
      },
    });
    timers.advance(3 * EVERY_MS);
    expect(told).toEqual(['READY ready', 'ALIVE ready']); // the first look found a commit of the start
    expect(lines.at(-1)?.['msg']).toMatch(/^ALARM: the database does not answer/);
  });

  it('does not have a gateway killed whose disk is full: it waits for room', async () => {
    const { timers, told } = await watch({
      probe: () => {
        throw new StoreFault('store/full', new Error('the disk is full'));
      },
    });
    timers.advance(3 * EVERY_MS);
    expect(told.filter((line) => line.startsWith('ALIVE'))).toHaveLength(3);
  });

  it('keeps the status line up to date where systemd wants no sign of life', async () => {
    const { timers, told } = await watch({}, { watchdogMs: undefined });
    timers.advance(60_000);
    expect(told).toEqual(['READY ready', 'ALIVE ready']);
  });
});
