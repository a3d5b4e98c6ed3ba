/** What a reader shows for taps: the feedback of one record once, and how long it took (SPEC.md, Feedback). */
import type { Feedback, Timers } from '@timeband/protocol';

/** Feedback that is remembered as shown, and taps whose feedback is timed. */
const REMEMBERED_TAPS = 256;

export class Display {
  private readonly shown = new Map<number, true>();
  private readonly tappedAt = new Map<number, number>();

  constructor(private readonly timers: Timers) {}

  /** A tap was logged under this number. */
  tapped(seq: number): void {
    remember(this.tappedAt, seq, this.timers.now());
  }

  /** Shows feedback, unless it was shown. `afterMs` is since the tap, if that was in this start. */
  show(feedback: Feedback): (Feedback & { readonly afterMs?: number }) | undefined {
    const { seq } = feedback;
    if (this.shown.has(seq)) return undefined;
    remember(this.shown, seq, true);
    const tappedAt = this.tappedAt.get(seq);
    return { ...feedback, ...(tappedAt !== undefined && { afterMs: this.timers.now() - tappedAt }) };
  }

  /** A new start. */
  forgetAll(): void {
    this.shown.clear();
    this.tappedAt.clear();
  }
}

function remember<T>(map: Map<number, T>, key: number, value: T): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= REMEMBERED_TAPS) break;
    map.delete(oldest);
  }
}
