/** The newest events in memory, so that sessions near the head never touch the store. */
import type { PublishedEvent } from '../ports.js';

export interface RingLimits {
  readonly events: number;
  readonly bytes: number;
}

export class EventRing {
  private events: PublishedEvent[] = [];
  /** Where the ring starts in `events`; what is before it is let go once it is the larger part. */
  private start = 0;
  private held = 0;
  private newest: number;
  private oldestGone: number;

  /** @param head the newest event so far; what follows it will be in the ring */
  constructor(
    head: number,
    private readonly limits: RingLimits,
  ) {
    this.newest = head;
    this.oldestGone = head;
  }

  /** Sequence number of the newest event. */
  get head(): number {
    return this.newest;
  }

  /** The ring holds every event after this one. */
  get floor(): number {
    return this.oldestGone;
  }

  get size(): number {
    return this.events.length - this.start;
  }

  get bytes(): number {
    return this.held;
  }

  /** Takes an event that follows the newest; any other is ignored. */
  push(event: PublishedEvent): void {
    if (event.seq <= this.newest) return;
    this.newest = event.seq;
    this.events.push(event);
    this.held += event.message.length;
    while (this.size > this.limits.events || this.held > this.limits.bytes) this.drop();
  }

  /** Up to `limit` events after `after`, which is not below the floor. */
  after(after: number, limit: number): readonly PublishedEvent[] {
    let low = this.start;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.events[middle]?.seq ?? Infinity) <= after) low = middle + 1;
      else high = middle;
    }
    return this.events.slice(low, low + limit);
  }

  private drop(): void {
    const event = this.events[this.start++];
    if (event === undefined) return;
    this.oldestGone = event.seq;
    this.held -= event.message.length;
    if (this.start > this.size) {
      this.events = this.events.slice(this.start);
      this.start = 0;
    }
  }
}
