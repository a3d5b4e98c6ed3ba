/**
 * Erase: records that name an account, replaced by ones that name a pseudonym (SPEC.md, Erasure). It is no record itself: it stays
 * at the gateway, with the approvals of two operators, and says by one hash exactly what was replaced by what.
 */
import { concat } from '../bytes.js';
import { type CborMap, encode } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { actionBytes, readApproved, type Approved } from './actions.js';
import { bytes, id, reference, uint, unixSeconds } from './field-types.js';
import { bodyCodec, required } from './layout.js';

export interface Erasure {
  /** Random, 16 bytes. */
  readonly nonce: Uint8Array;
  /** When it was decided, Unix seconds. */
  readonly at: number;
  /** What the account is called from now on. */
  readonly pseudonym: string;
  /** How many records are replaced. */
  readonly records: number;
  /** {@link erasureRoot}, 32 bytes. */
  readonly root: Uint8Array;
  /** {@link erasureSubject}, 32 bytes: it names the account to who knows the salt, and to nobody else. */
  readonly subject: Uint8Array;
}

/** One record that is replaced. */
export interface ErasedRecord {
  readonly logId: Uint8Array;
  readonly seq: number;
  /** SHA-256 of the bytes that go. */
  readonly digest: Uint8Array;
  /** Of the event that they were part of; nothing where there is none. */
  readonly eventHash?: Uint8Array | undefined;
  /** SHA-256 of the bytes that stay in their place. */
  readonly substitute: Uint8Array;
}

const ERASURE = bodyCodec<Erasure>('erase', {
  nonce: required(1, reference),
  at: required(2, unixSeconds),
  pseudonym: required(3, id),
  records: required(4, uint(1)),
  root: required(5, bytes(32)),
  subject: required(6, bytes(32)),
});

/** The action that two operators approve. @throws CborError, RecordError */
export function eraseAction(erasure: Erasure): Uint8Array {
  return actionBytes(ERASURE, erasure);
}

/** @throws CborError `cbor/shape`, RecordError `record/kind` */
export function readErase(body: CborMap): Approved<Erasure> {
  return readApproved(ERASURE, body);
}

/** SHA-256 of `CBOR["tb-erase", 1, [log id, seq, digest, event hash or null, substitute]]` of each record, one after the other. */
export function erasureRoot(records: Iterable<ErasedRecord>): Uint8Array {
  const parts = Array.from(records, ({ logId, seq, digest, eventHash = null, substitute }) =>
    encode(['tb-erase', 1, [logId, seq, digest, eventHash, substitute]]),
  );
  return sha256(concat(...parts));
}

/** `SHA-256(CBOR["tb-erase-subject", 1, salt, account])`. @param salt random, 32 bytes, kept by nobody afterwards */
export function erasureSubject(salt: Uint8Array, account: string): Uint8Array {
  return sha256(encode(['tb-erase-subject', 1, salt, account]));
}
