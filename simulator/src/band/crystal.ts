/** A clock that drifts: everything that a device measures itself runs a little fast or slow. */
import type { Timers } from '@timeband/protocol';

/** @param ppm millionths by which it runs fast; negative for slow */
export function drifting(timers: Timers, ppm: number): Timers {
  const rate = 1 + ppm / 1_000_000;
  return {
    now: () => timers.now() * rate,
    after: (ms, action) => timers.after(ms / rate, action),
  };
}
