/** Somebody who waits on a promise for what happens on the radio's clock, and not for ever. */
import type { EventClock } from '../clock.js';

export interface Settle<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

export class Waiting<Result> {
  private readonly cancelTimer: () => void;

  /** @param expired called after so many milliseconds, unless it was settled before */
  constructor(
    private readonly clock: EventClock,
    private readonly settle: Settle<Result>,
    ms: number,
    expired: () => void,
  ) {
    this.cancelTimer = clock.after(ms, expired);
  }

  resolve(result: Result): void {
    this.cancelTimer();
    this.settle.resolve(result);
    this.clock.handOver();
  }

  reject(error: Error): void {
    this.cancelTimer();
    this.settle.reject(error);
    this.clock.handOver();
  }
}
