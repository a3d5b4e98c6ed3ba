/** One look at a running gateway: everything that metrics are made of. */
import { statfsSync, statSync } from 'node:fs';
import type { GatewayReport } from '../ops/report.js';
import type { RunningGateway } from '../ops/running-gateway.js';
import { type Readiness, readinessOf } from './readiness.js';

export interface Observation {
  readonly version: string;
  /** Unix seconds. */
  readonly now: number;
  readonly report: GatewayReport;
  readonly readiness: Readiness;
  /** Records in quarantine, by why they are there. */
  readonly quarantine: Readonly<Record<string, number>>;
  /** Bytes; absent where the file system does not say. */
  readonly sizes: {
    readonly database: number | undefined;
    readonly wal: number | undefined;
    readonly disk: number | undefined;
  };
  readonly longestStallMs: number;
}

export interface ObserverOptions {
  readonly gateway: Pick<RunningGateway, 'report' | 'quarantine'>;
  readonly version: string;
  readonly dataDir: string;
  readonly database: string;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly loop: { readonly longestMs: number };
}

/** @throws what the database throws when it cannot be read */
export function observe(options: ObserverOptions): Observation {
  const { gateway, version, dataDir, database, wallClock, loop } = options;
  const now = wallClock();
  return {
    ...{ version, now, longestStallMs: loop.longestMs },
    report: gateway.report(),
    readiness: readinessOf(gateway, now),
    quarantine: gateway.quarantine(),
    sizes: { database: sizeOf(database), wal: sizeOf(`${database}-wal`), disk: diskSize(dataDir) },
  };
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

function diskSize(dir: string): number | undefined {
  try {
    const { blocks, bsize } = statfsSync(dir);
    return blocks * bsize;
  } catch {
    return undefined;
  }
}
