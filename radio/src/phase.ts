/**
 * When a device advertises next. Devices keep to an interval, plus up to 10 ms at random each time (Core, Vol 6, Part B,
 * 4.4.2.2), and only those that are about to advertise are worth listening for. What a band says tells which interval it
 * keeps (SPEC.md, Adverts); any other is learnt.
 */
import type { AdvertState } from '@timeband/protocol';

/** What a device was heard to do. */
export interface AdvertPhase {
  readonly heardAt: number;
  /** Milliseconds from one advert to the next, as far as is known. */
  readonly intervalMs: number;
}

/** Intervals with half of what chance adds. */
const USUAL_MS = 1_005;
const NEWS_MS = 305;
const PRESSED_MS = 105;
const HELP_MS = 25;
/** Adverts of one event come on three channels; what comes sooner is no event of its own. */
const SAME_EVENT_MS = 15;
/** How far off a multiple may be, as a share of the interval. */
const TOLERANCE = 0.05;
/** Share by which a measurement moves the estimate. */
const WEIGHT = 1 / 8;

/** The interval of a band that has just begun to say this. */
export function intervalOf({ help, pressed, waiting }: AdvertState): number {
  return help ? HELP_MS : pressed ? PRESSED_MS : waiting > 0 ? NEWS_MS : USUAL_MS;
}

/** Phase after an advert at `now` from which another interval begins. */
export function heardAnew(intervalMs: number, now: number): AdvertPhase {
  return { heardAt: now, intervalMs };
}

/** Phase after one more advert at `now`. */
export function heardAgain(before: AdvertPhase | undefined, now: number): AdvertPhase {
  if (before === undefined) return heardAnew(USUAL_MS, now);
  const { intervalMs } = before;
  const elapsed = now - before.heardAt;
  if (elapsed < SAME_EVENT_MS) return { heardAt: before.heardAt, intervalMs };
  if (elapsed < intervalMs * (1 - TOLERANCE)) return { heardAt: now, intervalMs: elapsed };
  const error = errorOf(elapsed, intervalMs);
  if (Math.abs(error) <= TOLERANCE * intervalMs) {
    return {
      heardAt: now,
      intervalMs: Math.min(intervalMs + error * WEIGHT, Math.max(intervalMs, USUAL_MS)),
    };
  }
  // It has slowed down, most likely to the usual interval. An estimate that fits nothing creeps up to it.
  const isUsual = intervalMs < USUAL_MS && Math.abs(errorOf(elapsed, USUAL_MS)) <= TOLERANCE * USUAL_MS;
  const slower = isUsual ? USUAL_MS : intervalMs * (1 + TOLERANCE);
  return { heardAt: now, intervalMs: Math.min(slower, Math.max(intervalMs, USUAL_MS)) };
}

/** When it advertises for the first time from `now` on. */
export function nextAdvert({ heardAt, intervalMs }: AdvertPhase, now: number): number {
  const events = Math.max(1, Math.ceil((now - heardAt) / intervalMs));
  return heardAt + events * intervalMs;
}

/** By how much an interval is off what was measured over the nearest whole number of them. */
function errorOf(elapsed: number, intervalMs: number): number {
  return elapsed / Math.max(1, Math.round(elapsed / intervalMs)) - intervalMs;
}
