/** Time that a test can move. */

export interface Timers {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Calls `action` once after `ms`; the result cancels it. */
  readonly after: (ms: number, action: () => void) => () => void;
}

/** The machine's own. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
