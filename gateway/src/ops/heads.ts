/** Receipts of the event log, and its heads, published now and then. */
import { CurrentEpoch } from '../events/index.js';
import { HeadPublisher, Receipts } from '../receipts/index.js';
import type { Foundation } from './foundation.js';

export function openReceipts({ store, events, timers, wallClock, credentials }: Foundation): Receipts {
  return new Receipts({
    ...{ store, events: new CurrentEpoch(events), timers, wallClock },
    key: credentials.key,
    get certificate() {
      return credentials.certificate;
    },
  });
}

export interface HeadsParts {
  readonly base: Foundation;
  readonly receipts: Receipts;
  readonly publish: (head: Uint8Array) => Promise<boolean>;
}

/** Not started yet. */
export function openHeads({ base, receipts, publish }: HeadsParts): HeadPublisher {
  const { timers, settings, clock, counters, log } = base;
  const headLog = log.child({ name: 'receipts' });
  return new HeadPublisher({
    timers,
    get everyMs() {
      return settings.live.receipts.headEverySeconds * 1_000;
    },
    // A head says when it was signed, so there is none without a clock.
    head: (restShare) => (clock.now() === undefined ? Promise.resolve(undefined) : receipts.head(restShare)),
    publish,
    failed: (error) => {
      counters.count('head-failed');
      headLog.error({ error: error.message }, 'no head of the event log can be published');
    },
  });
}
