/** A token bucket: so many units a second on average, and a burst of them after a pause. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /**
   * @param perSecond units
   * @param capacity units that may be gathered
   * @param now milliseconds on a clock that never goes back
   */
  constructor(
    private readonly perSecond: number,
    private readonly capacity: number,
    private readonly now: () => number,
  ) {
    this.tokens = capacity;
    this.filledAt = now();
  }

  /** Milliseconds until `units` may be taken; 0: now. More than the capacity wait until it is full. */
  waitFor(units: number): number {
    this.fill();
    const lacking = Math.min(units, this.capacity) - this.tokens;
    return lacking <= 0 ? 0 : Math.ceil((lacking / this.perSecond) * 1_000);
  }

  /** Takes them, if need be on credit: what cannot wait goes at once, and the rest waits the longer. */
  take(units: number): void {
    this.fill();
    this.tokens -= units;
  }

  private fill(): void {
    const now = this.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAt) / 1_000) * this.perSecond);
    this.filledAt = now;
  }
}
