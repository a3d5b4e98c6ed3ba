/** Records of one device that were read and not yet sealed. */
import { MAX_FORWARDED_BYTES, type ReceivedRecord } from '@timeband/protocol';

/** What CBOR adds to a record in a forward. */
const AROUND_A_RECORD_BYTES = 3;
/** Of bands and readers, with that (SPEC.md, Limits). */
const MAX_RECORD_BYTES = 349 + AROUND_A_RECORD_BYTES;
/** A seal is asked for after this much quiet, and at the latest this long after the first unsealed record. */
const QUIET_MS = 500;
const LATEST_MS = 2_000;

export class PendingRecords {
  private waiting: ReceivedRecord[] = [];
  private bytes = 0;
  private lastAt = 0;
  /** When the oldest was read, milliseconds of a clock that is never set. */
  firstAt = 0;

  get records(): readonly ReceivedRecord[] {
    return this.waiting;
  }

  get count(): number {
    return this.waiting.length;
  }

  add(received: ReceivedRecord, bytes: number, now: number): void {
    if (this.waiting.length === 0) this.firstAt = now;
    this.lastAt = now;
    this.waiting.push(received);
    this.bytes += bytes + AROUND_A_RECORD_BYTES;
  }

  /** They are kept elsewhere. */
  clear(): void {
    this.waiting = [];
    this.bytes = 0;
  }

  /** Nothing has come for a while, or the first has waited for long enough. */
  areDue(now: number): boolean {
    return now - this.lastAt >= QUIET_MS || now - this.firstAt >= LATEST_MS;
  }

  /** Another one might not fit one message to the primary. */
  get fillForward(): boolean {
    return this.bytes + MAX_RECORD_BYTES > MAX_FORWARDED_BYTES;
  }
}
