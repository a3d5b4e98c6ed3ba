/** The way to the city within the gateway: its event log, its heads and its policy, joined to the uplink. */
import type { GatewayClock, Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Counters } from '../broker/index.js';
import type { Config, Credentials, UplinkConfig } from '../config/index.js';
import type { EventLog } from '../events/index.js';
import type { Receipts } from '../receipts/index.js';
import type { Store } from '../store/index.js';
import type { Policies } from '../trust/index.js';
import { Uplink } from '../uplink/index.js';

export interface StartUplinkOptions {
  readonly config: UplinkConfig;
  readonly dataDir: Config['dataDir'];
  readonly credentials: Credentials;
  readonly store: Store;
  readonly events: EventLog;
  readonly receipts: Receipts;
  readonly policies: Policies;
  readonly clock: GatewayClock;
  /** What the health topic says. */
  readonly report: () => unknown;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly log: Logger;
  readonly counters: Counters;
  /** How long a head that stands at the city is waited for, in milliseconds. */
  readonly headWaitMs?: number;
}

export function startUplink(options: StartUplinkOptions): Uplink {
  const { config, dataDir, credentials, store, events, receipts, policies, clock, report } = options;
  const { timers, wallClock, log, counters } = options;
  const uplink = new Uplink({
    ...{ config, dataDir, policies, timers, wallClock, log, counters, source: events, table: store.uplink },
    trust: credentials.trust,
    get certificate() {
      return credentials.certificate;
    },
    earlierCertificates: store.epochs.signers(),
    story: {
      get epoch() {
        return events.epoch;
      },
      get base() {
        return events.base;
      },
      // A head says when it was signed, so there is none without a clock.
      newest: () => (clock.now() === undefined ? Promise.resolve(undefined) : receipts.head()),
      rootOf: (size) => receipts.rootOf(size),
    },
    recordedAt: (position) => store.commitOf(position)?.recorded,
    health: () => JSON.stringify(report()),
    headWaitMs: options.headWaitMs,
  });
  uplink.start();
  return uplink;
}
