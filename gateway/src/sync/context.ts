/** What every session needs of the gateway around it. */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';
import type { Committer } from '../events/index.js';
import type { Visits } from '../ledger/index.js';
import type { Store } from '../store/index.js';
import type { Counters } from './faults.js';
import type { Poller } from './poller.js';

export interface SyncContext {
  readonly site: string;
  readonly gateway: string;
  readonly credentials: Credentials;
  readonly store: Store;
  readonly visits: Visits;
  readonly committer: Committer;
  readonly poller: Poller;
  readonly timers: Timers;
  /** Unix seconds, with fractions. */
  readonly wallClock: () => number;
  readonly counters: Counters;
  readonly log: Logger;
  /** Records under one seal while a backlog is read. */
  readonly sealRecords?: number;
}
