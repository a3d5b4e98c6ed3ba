/** Lets so many through in a second, a second's worth at once, and the others wait in order. */
import type { Timers } from '@timeband/protocol';

/** The others are let through in batches, this often. */
const BATCH_MS = 10;

export class Pace {
  private readonly waiting: (() => void)[] = [];
  private tokens: number;
  private filledAt: number;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly perSecond: number,
    private readonly timers: Timers,
  ) {
    this.tokens = perSecond;
    this.filledAt = timers.now();
  }

  /** @returns false when it has to wait */
  enter(proceed: () => void): boolean {
    this.refill();
    if (this.waiting.length === 0 && this.tokens >= 1) {
      this.tokens--;
      proceed();
      return true;
    }
    this.waiting.push(proceed);
    this.schedule();
    return false;
  }

  close(): void {
    this.cancel?.();
    this.waiting.length = 0;
  }

  private schedule(): void {
    this.cancel ??= this.timers.after(BATCH_MS, () => {
      this.cancel = undefined;
      this.refill();
      while (this.tokens >= 1 && this.waiting.length > 0) {
        this.tokens--;
        this.waiting.shift()?.();
      }
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private refill(): void {
    const now = this.timers.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.filledAt) * this.perSecond) / 1_000);
    this.filledAt = now;
  }
}
