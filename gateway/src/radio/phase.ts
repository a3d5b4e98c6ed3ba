/**
 * When a device advertises next. Devices keep to an interval, plus up to 10 ms at random each time (Core, Vol 6, Part B,
 * 4.4.2.2), and in a crowd only those that are about to advertise are worth listening for.
 */

/** What a device was heard to do. */
export interface AdvertPhase {
  readonly heardAt: number;
  /** Milliseconds from one advert to the next, as far as is known. */
  readonly intervalMs: number;
}

/** Bands that have nothing urgent to say: a second, and half of what chance adds. */
const USUAL_MS = 1_005;
/** Adverts of one event come on three channels; what comes sooner is no event of its own. */
const SAME_EVENT_MS = 15;
/** How far off a multiple may be, as a share of the interval. */
const TOLERANCE = 0.05;
/** Share by which a measurement moves the estimate. */
const WEIGHT = 1 / 8;

/** Phase after one more advert at `now`. */
export function heardAgain(before: AdvertPhase | undefined, now: number): AdvertPhase {
  if (before === undefined) return { heardAt: now, intervalMs: USUAL_MS };
  const { intervalMs } = before;
  const elapsed = now - before.heardAt;
  if (elapsed < SAME_EVENT_MS) return { heardAt: before.heardAt, intervalMs };
  if (elapsed < intervalMs * (1 - TOLERANCE)) return { heardAt: now, intervalMs: elapsed };
  const measured = elapsed / Math.round(elapsed / intervalMs);
  const error = measured - intervalMs;
  // It may have slowed down: an estimate that fits nothing creeps up until the next advert corrects it.
  const step = Math.abs(error) <= TOLERANCE * intervalMs ? error * WEIGHT : TOLERANCE * intervalMs;
  return { heardAt: now, intervalMs: Math.min(intervalMs + step, Math.max(intervalMs, USUAL_MS)) };
}

/** When it advertises for the first time from `now` on. */
export function nextAdvert({ heardAt, intervalMs }: AdvertPhase, now: number): number {
  const events = Math.max(1, Math.ceil((now - heardAt) / intervalMs));
  return heardAt + events * intervalMs;
}
