/** Records and the seal over them: the step from "a device said" to "a device signed" (SPEC.md, Seal). */
import { equalBytes } from '../bytes.js';
import { LogError, TimebandError } from '../errors.js';
import type { VerificationKey } from '../keys/index.js';
import { chainHash } from './chain.js';
import { decodeRecord, type Record } from './record.js';
import { type VerifiedSeal, verifySeal } from './seal.js';

/** Where a log stands with who reads it: everything up to `head` is there. */
export interface LogPosition {
  readonly logId: Uint8Array;
  /** Highest stored sequence number; `head` is 0 and `hash` is `h(0)` for a log not yet seen. */
  readonly head: number;
  readonly hash: Uint8Array;
}

/** A record's bytes as they came off the link, numbered, and decoded where they can be. */
export interface ReceivedRecord {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** What the bytes say, or why they say nothing. */
  readonly record: Record | TimebandError;
}

/** A record under a seal that verified. */
export interface SealedRecord extends ReceivedRecord {
  /** `h(seq - 1)` */
  readonly previous: Uint8Array;
}

export interface SealedRecords {
  readonly seal: VerifiedSeal;
  readonly records: readonly SealedRecord[];
  /** `h(last)` */
  readonly hash: Uint8Array;
}

/**
 * Takes one record in. Undecodable bytes are kept: a device may have signed rubbish, and what it signed is evidence.
 * @throws LogError `log/gap` when the record bears another number than its place
 */
export function receiveRecord(bytes: Uint8Array, seq: number): ReceivedRecord {
  let record: Record;
  try {
    record = decodeRecord(bytes);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { seq, bytes, record: error };
  }
  if (record.seq !== seq) {
    throw new LogError('log/gap', `record ${seq} was asked for, ${record.seq} came`, {
      asked: seq,
      came: record.seq,
    });
  }
  return { seq, bytes, record };
}

/**
 * Verifies that one seal covers exactly the records received on top of what is stored.
 *
 * @throws LogError `seal/signature`, `seal/nonce`, `seal/log`, `seal/range`, `log/gap`, `log/fork`, `log/mismatch`
 */
export function verifySealedRecords(
  sealBytes: Uint8Array,
  key: VerificationKey,
  site: string,
  nonce: Uint8Array,
  position: LogPosition,
  received: readonly ReceivedRecord[],
): SealedRecords {
  const seal = verifySeal(sealBytes, key, site);
  if (!equalBytes(seal.nonce, nonce))
    throw new LogError('seal/nonce', 'a seal that answers another nonce: a replay');
  if (!equalBytes(seal.logId, position.logId)) throw new LogError('seal/log', 'a seal of another log');
  const last = received.at(-1)?.seq ?? position.head;
  if (seal.last !== last) {
    throw new LogError('seal/range', `the seal ends at ${seal.last}, ${last} was asked for`, {
      last: seal.last,
      asked: last,
    });
  }
  if (seal.first === position.head + 1 && !equalBytes(seal.hashBefore, position.hash)) {
    throw new LogError('log/fork', `two hashes for record ${position.head}`, { seq: position.head });
  }
  let hash = position.hash;
  const records: SealedRecord[] = [];
  for (const item of received) {
    const { seq, bytes, record } = item;
    records.push({ seq, bytes, record, previous: hash });
    hash = chainHash(hash, bytes);
  }
  // What the device holds for acknowledged may be read again: it lies before `first`.
  const before = seal.first > last ? hash : records[seal.first - position.head - 1]?.previous;
  if (!equalBytes(hash, seal.hashLast) || (before !== undefined && !equalBytes(before, seal.hashBefore))) {
    throw new LogError('log/mismatch', `records ${position.head + 1} to ${last} do not hash to the seal`, {
      from: position.head + 1,
      to: last,
    });
  }
  return { seal, records, hash };
}
