/** The epoch that is being written, by the numbers that its events bear: what heads and receipts speak of (SPEC.md, Log tree). */
import type { PublishedEvent } from '../broker/index.js';
import type { EventLog } from './event-log.js';

export class CurrentEpoch {
  constructor(private readonly events: EventLog) {}

  get epoch(): number {
    return this.events.epoch;
  }

  /** Position of its number 0. */
  get base(): number {
    return this.events.base;
  }

  get head(): number {
    return this.events.newest.seq;
  }

  hashes(first: number, last: number): Uint8Array[] {
    return this.events.hashes(this.base + first, this.base + last);
  }

  read(after: number, limit: number): PublishedEvent[] {
    return this.events.read(this.base + after, limit);
  }
}
