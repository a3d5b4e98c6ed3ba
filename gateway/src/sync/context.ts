/** What every session needs of the gateway around it. */
import type { GatewayClock, Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';
import type { Committer } from '../events/index.js';
import type { Visits } from '../ledger/index.js';
import type { Store } from '../store/index.js';
import type { KnownDeviceKeys } from '../verify/index.js';
import type { Assessor } from '../verify/index.js';
import type { Counters } from './faults.js';
import type { Poller } from './poller.js';

export interface SyncContext {
  readonly site: string;
  readonly gateway: string;
  readonly credentials: Credentials;
  /** Keys of the site's devices that only MAC. */
  readonly deviceKeys: KnownDeviceKeys;
  /** The policy in force. */
  readonly policies: { readonly revocations: number };
  readonly store: Store;
  readonly assessor: Assessor;
  readonly visits: Visits;
  readonly committer: Committer;
  readonly poller: Poller;
  readonly timers: Timers;
  /** Unix seconds, with fractions. */
  readonly wallClock: () => number;
  /** The same clock, and whether it may be gone by. */
  readonly clock: GatewayClock;
  readonly counters: Counters;
  readonly log: Logger;
  /** Records under one seal while a backlog is read. */
  readonly sealRecords?: number;
}
