/** Forgets what was in quarantine for long enough. Records and events stay, and so does why a record was withheld. */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Store } from './store.js';

export interface QuarantineKeeperOptions {
  readonly store: Pick<Store, 'quarantine'>;
  readonly days: number;
  /** Unix seconds, while the clock may be gone by. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

const DAY = 86_400;
const LOOK_EVERY_MS = 3_600_000;
/** So many at a time: a transaction of a few milliseconds. */
const AT_ONCE = 200;
const NEXT_MS = 100;

export class QuarantineKeeper {
  private cancel: () => void = () => undefined;

  constructor(private readonly options: QuarantineKeeperOptions) {}

  start(): void {
    this.look();
  }

  close(): void {
    this.cancel();
  }

  private look(): void {
    const { store, days, now, timers, log } = this.options;
    const time = now();
    let forgotten = 0;
    try {
      if (time !== undefined) forgotten = store.quarantine.forget(Math.floor(time) - days * DAY, AT_ONCE);
      if (forgotten > 0) log.info({ forgotten, days }, 'old records in quarantine were forgotten');
    } catch (error) {
      log.error({ err: error }, 'old records in quarantine cannot be forgotten; it is tried again');
    }
    this.cancel = timers.after(forgotten === AT_ONCE ? NEXT_MS : LOOK_EVERY_MS, () => {
      this.look();
    });
  }
}
