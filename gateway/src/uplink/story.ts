/** What was told so far: heads of the tree over the event log of the epoch that is being written (SPEC.md, Log tree). */
import type { SignedHead } from '../receipts/index.js';

export interface Story {
  readonly epoch: number;
  /** Position of the last event before the epoch. */
  readonly base: number;
  /** Over every event of the epoch; nothing before its first, and while no clock tells when it would be signed. */
  readonly newest: () => Promise<SignedHead | undefined>;
  /** Root of the tree over the first `size` events of the epoch; nothing when there are not so many. */
  readonly rootOf: (size: number) => Promise<Uint8Array | undefined>;
}
