/**
 * The one order of everything that the ledger knows, which does not depend on what arrived first: by trusted time, and
 * within a second by log and number. Whatever the order of arrival, the same records end in the same ledger.
 */

export interface Place {
  /** The latest moment at which it can have happened, Unix seconds. */
  readonly at: number;
  /** Log id in hexadecimal. */
  readonly log: string;
  readonly seq: number;
  /** One record can claim several things: from several accounts, or from both ends of a transfer. */
  readonly part: number;
}

/** Negative when `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.log !== b.log) return a.log < b.log ? -1 : 1;
  return a.seq - b.seq || a.part - b.part;
}
