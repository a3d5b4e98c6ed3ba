/**
 * What a monitoring system asks a gateway over HTTP: `/healthz` whether the process works, `/readyz` whether it can do its
 * work, `/metrics` how much of it (Prometheus). Whatever becomes of it, the gateway goes on.
 */
import { systemTimers, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type Config, siteFiles } from '../config/index.js';
import type { RunningGateway } from '../ops/running-gateway.js';
import { VERSION } from '../version.js';
import { jsonPage, type MonitorServer, type Page, type Pages, servePages } from './http.js';
import { LoopWatch } from './loop-watch.js';
import type { GatewayMetrics } from './metrics.js';
import { observe } from './observation.js';
import { readinessOf } from './readiness.js';

export interface MonitorOptions {
  readonly gateway: Pick<RunningGateway, 'report' | 'quarantine'>;
  readonly metrics: GatewayMetrics;
  readonly config: Pick<Config, 'dataDir' | 'monitoring'>;
  readonly log: Logger;
  readonly timers?: Timers | undefined;
  /** Unix seconds. */
  readonly wallClock?: (() => number) | undefined;
}

export interface Monitor {
  /** Nothing while it is not enabled, or the port is taken. */
  readonly port: () => number | undefined;
  readonly close: () => Promise<void>;
}

/** A loop that was blocked for so long is not well. */
const STALLED_MS = 5_000;
/** A port that is taken is tried again this often. */
const AGAIN_MS = 30_000;

export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { config, log, timers = systemTimers } = options;
  const { enabled, host, port } = config.monitoring;
  if (!enabled) return { port: () => undefined, close: () => Promise.resolve() };
  const loop = new LoopWatch(timers);
  let server: MonitorServer | undefined;
  let isClosed = false;
  let cancel = (): void => undefined;
  const failed = (error: Error): void => {
    log.warn({ err: error }, 'a question of the monitoring system could not be answered');
  };
  const listen = async (): Promise<void> => {
    try {
      const opened = await servePages({ host, port }, pagesOf(options, loop), failed);
      if (hasClosed()) {
        await opened.close();
        return;
      }
      server = opened;
      log.info({ host, port: opened.port }, 'health and metrics are served');
    } catch (error) {
      const { message } = error as Error;
      log.error({ host, port, reason: message }, 'health and metrics cannot be served; trying again');
      cancel = timers.after(AGAIN_MS, () => void listen());
    }
  };
  const hasClosed = (): boolean => isClosed;
  await listen();
  return {
    port: () => server?.port,
    close: async () => {
      isClosed = true;
      cancel();
      loop.close();
      await server?.close();
    },
  };
}

function pagesOf(
  { gateway, metrics, config, wallClock = systemClock }: MonitorOptions,
  loop: LoopWatch,
): Pages {
  const { dataDir } = config;
  const { database } = siteFiles(dataDir);
  return {
    '/healthz': () => {
      const { longestMs } = loop;
      const well = longestMs < STALLED_MS;
      return jsonPage(well ? 200 : 503, {
        status: well ? 'well' : 'stalled',
        longestStallMs: Math.round(longestMs),
      });
    },
    '/readyz': () => {
      const readiness = readinessOf(gateway, wallClock());
      return jsonPage(readiness.ready ? 200 : 503, readiness);
    },
    '/metrics': async (): Promise<Page> => {
      const seen = observe({ gateway, version: VERSION, dataDir, database, wallClock, loop });
      return { status: 200, type: metrics.contentType, body: await metrics.render(seen) };
    },
  };
}

function systemClock(): number {
  return Date.now() / 1_000;
}
