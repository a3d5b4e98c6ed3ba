/** The way to the primary within the gateway: the queue that sessions fill, and the connection that empties it. */
import type { GatewayClock } from '@timeband/protocol';
import { ForwardQueue, type ForwardReport, PeerLink, type PeerLinkOptions } from '../forward/index.js';
import type { Config } from '../config/index.js';
import type { Store } from '../store/index.js';

export interface OpenForwardingOptions extends Pick<
  PeerLinkOptions,
  'credentials' | 'policies' | 'timers' | 'wallClock' | 'counters' | 'log' | 'toSelf'
> {
  readonly config: Config;
  readonly store: Store;
  readonly storage: { readonly isOpen: boolean };
  readonly clock: GatewayClock;
}

export interface RunningForwarding {
  readonly queue: ForwardQueue;
  readonly start: () => void;
  readonly policyChanged: () => void;
  /** What this gateway's own desk answered. */
  readonly answered: (bytes: Uint8Array) => void;
  readonly report: () => ForwardReport;
  readonly close: () => Promise<void>;
}

/** Nothing where the settings name no other gateway: records then stay with their devices. */
export function openForwarding(options: OpenForwardingOptions): RunningForwarding | undefined {
  const { config, store, storage, clock, ...given } = options;
  const { site, gateway, dataDir, forward } = config;
  if (forward === undefined) return undefined;
  const tables = store.forward;
  const queue = new ForwardQueue({
    ...{ tables, storage, maxBytes: forward.maxQueuedMb * 1_000_000 },
    ...{ counters: given.counters, log: given.log },
    kept: (log) => {
      link.kept(log);
    },
  });
  const link = new PeerLink({
    ...given,
    ...{ site, gateway, dataDir, config: forward, tables, queue, now: () => clock.now() },
  });
  return {
    queue,
    start: () => {
      link.start();
    },
    policyChanged: () => {
      link.policyChanged();
    },
    answered: (bytes) => {
      link.answered(bytes);
    },
    report: () => link.report(),
    close: () => link.close(),
  };
}
