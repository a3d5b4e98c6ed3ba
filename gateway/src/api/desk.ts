/** What questions are answered from. */
import type { Kitchen } from '../kitchen/index.js';
import type { Ledger } from '../ledger/index.js';
import type { Matters } from '../matters/index.js';
import type { Cases } from '../mediation/index.js';
import type { Readiness } from '../monitor/readiness.js';
import type { GatewayReport } from '../ops/index.js';
import type { Store } from '../store/index.js';
import type { Trail } from '../trail/index.js';

export interface Desk {
  readonly site: string;
  readonly gateway: string;
  readonly ledger: Ledger;
  readonly matters: Matters;
  readonly kitchen: Kitchen;
  readonly cases: Cases;
  /** Trusted time, Unix seconds. */
  readonly now: () => number;
  readonly store: Pick<Store, 'mentions' | 'positionAt' | 'ledger' | 'events' | 'commitOf' | 'lastCommit'>;
  readonly trail: Pick<Trail, 'find'>;
  readonly report: () => GatewayReport;
  readonly readiness: () => Readiness;
  /** The portable receipt of an event, or nothing where there is none. */
  readonly receipt: (event: number) => Promise<Uint8Array | undefined>;
}
