/**
 * Writes the cursors of durable sessions behind their backs: often enough that little is sent again after a crash,
 * seldom enough to cost nothing. A cursor on disk is never ahead of what was acknowledged.
 */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { EventLane } from './event-lane.js';
import type { Counters, CursorStore } from '../ports.js';

export const SAVE_EVERY_MS = 250;

export interface CursorSaverOptions {
  readonly store: CursorStore;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
}

export class CursorSaver {
  private readonly moved = new Set<EventLane>();
  private cancelTimer: (() => void) | undefined;
  private closed = false;

  constructor(private readonly options: CursorSaverOptions) {}

  /** Will be saved soon. */
  touch(lane: EventLane): void {
    if (!lane.durable || this.closed) return;
    this.moved.add(lane);
    this.cancelTimer ??= this.options.timers.after(SAVE_EVERY_MS, () => {
      this.cancelTimer = undefined;
      this.flush();
    });
  }

  /** Forgets a session that has ended for good. @throws what the store throws */
  remove(clientId: string, account: string): void {
    for (const lane of this.moved) {
      if (lane.clientId === clientId && lane.account === account) this.moved.delete(lane);
    }
    this.options.store.remove(clientId, account);
  }

  /** Saves now. When the store fails, the cursors wait for the next time. */
  flush(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.moved.size === 0) return;
    const lanes = [...this.moved];
    this.moved.clear();
    try {
      this.options.store.save(lanes.map(({ clientId, account, cursor }) => ({ clientId, account, cursor })));
    } catch (error) {
      this.options.counters.count('broker/cursor-save');
      this.options.log.error({ err: error }, 'cannot save the cursors of subscribers; trying again');
      for (const lane of lanes) this.touch(lane);
    }
  }

  /** Saves for the last time. */
  close(): void {
    this.flush();
    this.closed = true;
    this.cancelTimer?.();
  }
}
