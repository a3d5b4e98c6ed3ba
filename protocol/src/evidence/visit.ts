/**
 * A visit as its two bands live through it: they meet at the start and attest at the end, each time after a press of
 * either button (SPEC.md, Visit). What is common to both sides.
 */
import { PRESS_SECONDS } from './answer.js';
import { LONGEST_VISIT_SECONDS } from './statement.js';

/** Seconds that the provider's band waits for the recipient's. */
export const PEER_SECONDS = 5;

/** Durations may differ by this much, whichever is more: bands are pressed one after the other, and clocks drift. */
const TOLERANCE = { seconds: 60, share: 0.02 } as const;

/** Now, as a band knows it. */
export interface Moment {
  /** Uptime in seconds. */
  readonly at: number;
  /** Uptime at the last press of the button; absent when it was never pressed. */
  readonly pressedAt?: number | undefined;
}

/** A visit under way. */
export interface Visit {
  /** The joint nonce. */
  readonly nonce: Uint8Array;
  /** Id of the other band. */
  readonly peer: string;
  /** Number in the catalogue. */
  readonly service: number;
  /** Uptime at the meeting. */
  readonly startedAt: number;
}

/** What a transition came to: the state after it, and what the band does now, if anything. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effect?: Effect;
}

/** Whether the button was pressed within the last 10 s, and after `since`. */
export function isPressed({ at, pressedAt }: Moment, since = -Infinity): boolean {
  return pressedAt !== undefined && pressedAt > since && pressedAt <= at && at - pressedAt <= PRESS_SECONDS;
}

/** Whether a stated duration is the one that a band measured itself. Both in seconds. */
export function agrees(stated: number, own: number): boolean {
  return Math.abs(stated - own) <= Math.max(TOLERANCE.seconds, TOLERANCE.share * own);
}

/** Whether a visit was left open for longer than any can be: it is given up. */
export function isTooLong({ startedAt }: Visit, at: number): boolean {
  return at - startedAt > LONGEST_VISIT_SECONDS;
}
