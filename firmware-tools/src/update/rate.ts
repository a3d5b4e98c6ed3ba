/** How fast bytes went lately, and how long the rest will take. */

/** Seconds over which the rate is averaged. */
const MEMORY_S = 3;

export class RateMeter {
  private last: { readonly at: number; readonly bytes: number } | undefined;
  private rate: number | undefined;

  /** Bytes a second; undefined until it can be told. */
  get bytesPerSecond(): number | undefined {
    return this.rate;
  }

  /** @param at milliseconds @param bytes so far; fewer than before begins anew */
  measured(at: number, bytes: number): void {
    const { last } = this;
    if (last === undefined || bytes < last.bytes) {
      this.last = { at, bytes };
      return;
    }
    const seconds = (at - last.at) / 1_000;
    if (seconds < 0.05) return;
    const now = (bytes - last.bytes) / seconds;
    const weight = 1 - Math.exp(-seconds / MEMORY_S);
    this.rate = this.rate === undefined ? now : this.rate + (now - this.rate) * weight;
    this.last = { at, bytes };
  }

  /** Seconds. */
  timeLeft(bytes: number, total: number): number | undefined {
    return this.rate === undefined || this.rate <= 0 ? undefined : (total - bytes) / this.rate;
  }
}
