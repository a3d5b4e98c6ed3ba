/** A band's battery, which runs down by the day; the band says in its log when it gets low. */
import type { Timers } from '@timeband/protocol';

const DAY_MS = 86_400_000;
/** Of a small cell on a wrist. */
const DAYS = 14;
/** Per cent at which the band logs how much is left, once each. */
const LOW = [20, 10, 5] as const;

export class Battery {
  private readonly since: number;
  /** The lowest that was logged. */
  private logged = 101;

  /** @param initial per cent at first */
  constructor(
    private readonly timers: Timers,
    private readonly initial: number,
  ) {
    this.since = timers.now();
  }

  get percent(): number {
    const days = (this.timers.now() - this.since) / DAY_MS;
    return Math.max(0, Math.round(this.initial - (days / DAYS) * 100));
  }

  /** The per cent to log now, where it has got low since the last time. */
  toLog(): number | undefined {
    const { percent } = this;
    const reached = LOW.filter((low) => percent <= low).at(-1);
    if (reached === undefined || reached >= this.logged) return undefined;
    this.logged = reached;
    return percent;
  }
}
