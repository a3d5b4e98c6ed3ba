/**
 * Counters of tags and bands at one site: each value once, and higher ones later (SPEC.md, Evidence). Logs arrive late
 * and out of order, so it is the order of the trusted times that counts, not that of arrival.
 */
import type { TimeInterval } from '../log/trusted-time.js';
import { EvidenceError } from '../errors.js';

/** A counter's value, and when it was used. */
export interface CounterUse {
  readonly value: number;
  readonly time: TimeInterval;
}

/** The uses nearest to a value that are known: the highest up to it, and the lowest above it. */
export interface CounterNeighbours {
  readonly below?: CounterUse | undefined;
  readonly above?: CounterUse | undefined;
}

/**
 * Checks that a value is new and was used after every lower one and before every higher one, as far as the intervals
 * tell.
 * @throws EvidenceError `evidence/replay`
 */
export function checkCounter({ value, time }: CounterUse, { below, above }: CounterNeighbours): void {
  const isLate = above !== undefined && above.time.latest < (time.earliest ?? 0);
  const isEarly = below !== undefined && time.latest < (below.time.earliest ?? 0);
  if (below?.value === value || isLate || isEarly) {
    const known = below?.value === value ? value : isLate ? above.value : below?.value;
    throw new EvidenceError('evidence/replay', `counter ${value} after ${known ?? '?'}`, { value });
  }
}
