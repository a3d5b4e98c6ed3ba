/** One tap from all the times that a reader sees a tag while it is held there. */
import { toHex } from '../bytes.js';
import type { Timers } from '../timers.js';

/** Tags remembered at a time: a reader sees one after the other, and a broken one must not fill memory. */
const MOST_TAGS = 64;

export class TapFilter {
  private readonly lastSeen = new Map<string, number>();

  /** @param goneMs a tag that was not seen for so long is held there anew */
  constructor(
    private readonly timers: Pick<Timers, 'now'>,
    private readonly goneMs: number,
  ) {}

  /** Whether this sighting begins a tap. Each sighting makes the tag be there for longer. */
  begins(uid: Uint8Array): boolean {
    const name = toHex(uid);
    const now = this.timers.now();
    const before = this.lastSeen.get(name);
    this.lastSeen.delete(name);
    this.lastSeen.set(name, now);
    if (this.lastSeen.size > MOST_TAGS) {
      for (const oldest of this.lastSeen.keys()) {
        this.lastSeen.delete(oldest);
        break;
      }
    }
    return before === undefined || now - before >= this.goneMs;
  }
}
