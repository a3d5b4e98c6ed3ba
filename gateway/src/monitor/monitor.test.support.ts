/** What tests of monitoring share: a gateway that runs in this process, on real SQLite and a real broker, without readers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../config/index.js';
import { initSite, type RunningGateway, startGateway } from '../ops/index.js';
import { GatewayMetrics } from './metrics.js';

export interface WatchedGateway {
  readonly config: Config;
  readonly gateway: RunningGateway;
  readonly metrics: GatewayMetrics;
  /** Lines of the log. */
  readonly lines: Readonly<Record<string, unknown>>[];
  readonly log: Logger;
  readonly close: () => Promise<void>;
}

/** Ends with the test. */
export async function startWatched(): Promise<WatchedGateway> {
  const watched = await openWatched();
  onTestFinished(watched.close);
  return watched;
}

export async function openWatched(): Promise<WatchedGateway> {
  const dir = mkdtempSync(join(tmpdir(), 'timeband-monitor-'));
  const now = Math.floor(Date.now() / 1_000);
  const files = initSite({ dir, site: 'dahaiyang', gateway: 'gw-1', links: [], mqttPort: 0, now });
  const config = { ...loadConfig(files.config), links: [] };
  config.monitoring = { ...config.monitoring, port: 0 };
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = pino(
    {},
    { write: (line: string) => lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>) },
  );
  const metrics = new GatewayMetrics();
  const gateway = await startGateway({ config, log, stopwatch: metrics });
  const close = async (): Promise<void> => {
    await gateway.close();
    rmSync(dir, { recursive: true });
  };
  return { config, gateway, metrics, lines, log, close };
}
