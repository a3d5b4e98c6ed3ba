import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type MonitorOptions, startMonitor } from './monitor.js';
import { startWatched, type WatchedGateway } from './monitor.test.support.js';

async function monitorOf(
  watched: WatchedGateway,
  changes: Partial<MonitorOptions> = {},
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const monitor = await startMonitor({ ...watched, ...changes });
  onTestFinished(monitor.close);
  const port = monitor.port() ?? 0;
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

describe('the pages for a monitoring system', () => {
  it('say over HTTP that a gateway is well, ready, and how much it did', async () => {
    const ask = await monitorOf(await startWatched());
    const health = await ask('/healthz');
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'well' }]);
    const ready = await ask('/readyz');
    expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true }]);
    const metrics = await ask('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await metrics.text();
    expect(text).toContain('timeband_info{site="dahaiyang",gateway="gw-1"');
    expect(text).toMatch(/^timeband_ready 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  });

  it('say with 503 what keeps it from its work', async () => {
    const watched = await startWatched();
    const { gateway } = watched;
    const ask = await monitorOf(watched, {
      gateway: { ...gateway, report: () => ({ ...gateway.report(), clock: 'unset' }) },
    });
    const answer = await ask('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ready: false,
      checks: expect.arrayContaining([
        { name: 'clock', good: false, needed: true, says: 'unset' },
      ]) as unknown,
    });
  });

  it('say with 503 that the event loop was blocked, and a minute later no more', async () => {
    const timers = new ManualTimers(0);
    let blockedMs = 0;
    const clock = { now: () => timers.now() + blockedMs, after: timers.after };
    const ask = await monitorOf(await startWatched(), { timers: clock });
    blockedMs = 9_000;
    const stalled = await ask('/healthz');
    expect([stalled.status, await stalled.json()]).toMatchObject([503, { status: 'stalled' }]);
    await timers.run(61_000);
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('are for reading alone, and there is nothing else', async () => {
    const ask = await monitorOf(await startWatched());
    const posted = await ask('/metrics', { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await (await ask('/readyz', { method: 'HEAD' })).text()).toBe('');
    for (const path of ['/', '/accounts.json', '/constructor', '/metrics/../gateway.yaml'])
      expect((await ask(path)).status).toBe(404);
  });

  it('answer 500 where the database cannot be read, and go on', async () => {
    const watched = await startWatched();
    let isBroken = true;
    const quarantine = (): Readonly<Record<string, number>> => {
      if (isBroken) throw new Error('disk I/O error');
      return watched.gateway.quarantine();
    };
    const ask = await monitorOf(watched, { gateway: { ...watched.gateway, quarantine } });
    expect((await ask('/metrics')).status).toBe(500);
    expect(watched.lines.at(-1)).toMatchObject({ level: 40, err: { message: 'disk I/O error' } });
    isBroken = false;
    expect((await ask('/metrics')).status).toBe(200);
  });

  it('wait for a port that is taken', async () => {
    const watched = await startWatched();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const timers = new ManualTimers(0);
    const config = { ...watched.config, monitoring: { enabled: true, host: '127.0.0.1', port } };
    const monitor = await startMonitor({ ...watched, config, timers });
    onTestFinished(monitor.close);
    expect(monitor.port()).toBeUndefined();
    expect(watched.lines.at(-1)).toMatchObject({ level: 50, port });
    await new Promise((resolve) => other.close(resolve));
    const listening = new Promise<void>((resolve) => {
      const look = (): void => {
        if (monitor.port() === port) resolve();
        else setImmediate(look);
      };
      look();
    });
    await timers.run(30_000);
    await listening;
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it('are not there where they are turned off', async () => {
    const watched = await startWatched();
    const config = { ...watched.config, monitoring: { ...watched.config.monitoring, enabled: false } };
    const monitor = await startMonitor({ ...watched, config });
    expect(monitor.port()).toBeUndefined();
    await monitor.close();
  });
});
