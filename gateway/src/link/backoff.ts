/** How long to wait before trying again: doubling, capped, with jitter so that links do not march in step. */
export class Backoff {
  private nextMs: number;

  constructor(
    private readonly leastMs: number,
    private readonly mostMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.nextMs = leastMs;
  }

  /** Milliseconds to wait now: half to all of the current step. */
  next(): number {
    const step = this.nextMs;
    this.nextMs = Math.min(step * 2, this.mostMs);
    return step * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.nextMs = this.leastMs;
  }
}
