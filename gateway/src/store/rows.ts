/** Rows of the tables that hold the evidence. */
import type { Evidence, TimeInterval } from '@timeband/protocol';

/** A log as it stands in the store. `hash` is `h(head)`. */
export interface StoredLog {
  readonly key: number;
  readonly logId: Uint8Array;
  readonly device: string;
  readonly base: number;
  readonly head: number;
  readonly hash: Uint8Array;
  readonly timeFloor: number | undefined;
  readonly forked: boolean;
  /** Its device only MACs. */
  readonly vouched: boolean;
}

export interface NewLog {
  readonly logId: Uint8Array;
  readonly device: string;
  readonly epoch: number;
  readonly certificate: Uint8Array;
  readonly base: number;
  readonly hash: Uint8Array;
  readonly vouched?: boolean;
}

export interface RecordRow {
  readonly log: number;
  readonly seq: number;
  readonly previous: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface EventRow {
  readonly seq: number;
  readonly log: number;
  readonly logSeq: number;
  readonly evidence: Evidence;
  readonly time: TimeInterval;
  readonly minutes: number | undefined;
  /** Absent where it follows from the record. */
  readonly band?: string | undefined;
  readonly act?: Uint8Array | undefined;
  /** It tried to seem more than it is, and counts for nothing. */
  readonly doubted?: boolean | undefined;
}

export interface CommitRow {
  readonly first: number;
  readonly last: number;
  readonly previous: Uint8Array;
  readonly head: Uint8Array;
  readonly recorded: number;
  readonly protectedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** An event row with the record and seal its bytes are made of. */
export interface EventSourceRow extends EventRow {
  readonly record: Uint8Array;
  readonly logPrevious: Uint8Array;
  readonly logId: Uint8Array;
  readonly device: string;
  readonly vouched: boolean;
  readonly sealId: Uint8Array;
  /** The record is one that stands in the place of another, whose event had this hash. */
  readonly erased?: { readonly eventHash: Uint8Array };
}

/** What of an event and its record anything else is derived from. */
export interface FactRow extends Omit<EventRow, 'minutes'> {
  readonly record: Uint8Array;
}

export interface VisitRow {
  readonly band: string;
  readonly service: number;
  readonly time: TimeInterval;
}
