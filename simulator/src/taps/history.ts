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

/** Something that happened so many milliseconds ago. */
export interface Moment {
  readonly ago: number;
  readonly act: () => void;
}

/** Checks in about half of the residents, spread over the last `minutes`, and whatever else happened; comes back to the present. */
export function liveThrough(
  minutes: number,
  timers: PastTimers,
  residents: Residents,
  random: Random,
  tap: () => void,
  also: readonly Moment[] = [],
): void {
  timers.toPresent();
  const present = timers.now();
  const count = Math.round(residents.bands.length / 2);
  const taps = Array.from({ length: count }, (): Moment => ({
    ago: random.next() * minutes * MINUTE_MS,
    act: tap,
  }));
  for (const { ago, act } of [...taps, ...also].sort((a, b) => b.ago - a.ago)) {
    timers.goTo(present - ago);
    act();
  }
  timers.toPresent();
  residents.mingle(); // or nobody would check out before all others had checked in
}
