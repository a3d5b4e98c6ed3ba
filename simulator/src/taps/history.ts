/** A past for a reader: check-ins of the last while, logged as they would have been, by a clock that is turned back. */
import type { Timers } from '@timeband/protocol';
import type { Random } from '../random.js';
import type { Residents } from './generator.js';

/** A reader had started this long before the first check-in of its history. */
export const HISTORY_LEAD_MINUTES = 5;

const MINUTE_MS = 60_000;

/** Timers whose `now` can be set back while a history is made. Alarms are in real time. */
export class PastTimers implements Timers {
  private moment: number | undefined;

  constructor(private readonly real: Timers) {}

  readonly now = (): number => this.moment ?? this.real.now();

  readonly after = (ms: number, action: () => void): (() => void) => this.real.after(ms, action);

  goTo(moment: number): void {
    this.moment = moment;
  }

  toPresent(): void {
    this.moment = undefined;
  }
}

/** Checks in about half of the residents, spread over the last `minutes`, and comes back to the present. */
export function liveThrough(
  minutes: number,
  timers: PastTimers,
  residents: Residents,
  random: Random,
  tap: () => void,
): void {
  timers.toPresent();
  const present = timers.now();
  const count = Math.round(residents.bands.length / 2);
  const moments = Array.from({ length: count }, () => present - random.next() * minutes * MINUTE_MS);
  for (const moment of moments.sort((a, b) => a - b)) {
    timers.goTo(moment);
    tap();
  }
  timers.toPresent();
  residents.mingle(); // or nobody would check out before all others had checked in
}
