/** Forgets durable sessions whose clients have not been here for long: nobody else would ever empty their queues. */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Counters } from './ports.js';
import type { Sessions } from './session.js';

const LOOK_EVERY_MS = 60 * 60_000;
const DAY_S = 86_400;

export interface ExpiryOptions {
  readonly sessions: Pick<Sessions, 'expire'>;
  readonly days: number;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly log: Logger;
  readonly counters: Counters;
}

export class Expiry {
  private cancel: () => void;

  constructor(private readonly options: ExpiryOptions) {
    this.cancel = this.schedule();
  }

  close(): void {
    this.cancel();
  }

  private schedule(): () => void {
    return this.options.timers.after(LOOK_EVERY_MS, () => {
      this.look();
      this.cancel = this.schedule();
    });
  }

  private look(): void {
    const { sessions, days, wallClock, log, counters } = this.options;
    try {
      for (const { account, clientId, mailbox } of sessions.expire(wallClock() - days * DAY_S)) {
        counters.count('broker/session-expired');
        log.warn(
          { account, clientId, days, ...mailbox.size },
          'a durable session was not used and is forgotten',
        );
      }
    } catch (error) {
      counters.count('broker/cursor-remove');
      log.error({ err: error }, 'old sessions cannot be forgotten; trying again in an hour');
    }
  }
}
