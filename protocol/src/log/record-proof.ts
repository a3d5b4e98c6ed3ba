/**
 * Proof of one record: its bytes, the hashes of the records after it up to a seal, and that seal. It shows that a
 * device signed this record and discloses no other (SPEC.md, Record proof).
 */
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { concat, equalBytes } from '../bytes.js';
import { sha256 } from '../crypto/index.js';
import { LogError } from '../errors.js';
import type { VerificationKey } from '../keys/index.js';
import { chainDigest, HASH_BYTES } from './chain.js';
import { verifySeal, type VerifiedSeal } from './seal.js';

const LABEL = 'tb-proof';
const VERSION = 1;

/** What a proof is made of. */
export interface RecordProof {
  readonly seq: number;
  /** `h(seq - 1)` */
  readonly previous: Uint8Array;
  readonly record: Uint8Array;
  /** SHA-256 of each record after it, up to the last one that the seal covers, 32 bytes each, joined. */
  readonly later: Uint8Array;
  /** The seal's COSE bytes. */
  readonly seal: Uint8Array;
  /** The device's certificate, CWT bytes. */
  readonly certificate: Uint8Array;
}

/** @param later SHA-256 of each record after it, in order, up to the seal's last */
export function proveRecordByDigests(
  { seq, previous, record, seal, certificate }: Omit<RecordProof, 'later'>,
  later: Iterable<Uint8Array>,
): Uint8Array {
  return encode([LABEL, VERSION, seq, previous, record, concat(...later), seal, certificate]);
}

/** @param laterRecords the bytes of the records after it, in order, up to the seal's last */
export function proveRecord(
  proof: Omit<RecordProof, 'later'>,
  laterRecords: Iterable<Uint8Array>,
): Uint8Array {
  return proveRecordByDigests(proof, Array.from(laterRecords, sha256));
}

/** Takes a proof apart; nothing of it verified. @throws CborError, LogError `log/proof` */
export function decodeRecordProof(bytes: Uint8Array): RecordProof {
  const parts = decodeStrict(bytes);
  const [label, version, seq, previous, record, later, seal, certificate] = Array.isArray(parts)
    ? (parts as CborValue[])
    : [];
  if (
    label !== LABEL ||
    version !== VERSION ||
    typeof seq !== 'number' ||
    seq < 1 ||
    !(previous instanceof Uint8Array && previous.length === HASH_BYTES) ||
    !(record instanceof Uint8Array) ||
    !(later instanceof Uint8Array && later.length % HASH_BYTES === 0) ||
    !(seal instanceof Uint8Array) ||
    !(certificate instanceof Uint8Array)
  ) {
    throw new LogError('log/proof', 'not a proof of a record');
  }
  return { seq, previous, record, later, seal, certificate };
}

/**
 * Verifies that the seal covers the record. The certificate is the caller's to check.
 * @throws LogError `seal/signature`, `seal/range`, `log/mismatch`
 */
export function verifyRecordProof(proof: RecordProof, key: VerificationKey, site: string): VerifiedSeal {
  const seal = verifySeal(proof.seal, key, site);
  if (proof.seq < seal.first || proof.seq + proof.later.length / HASH_BYTES !== seal.last) {
    throw new LogError(
      'seal/range',
      `the seal covers ${seal.first} to ${seal.last}, the proof another range`,
    );
  }
  let hash = chainDigest(proof.previous, sha256(proof.record));
  for (let at = 0; at < proof.later.length; at += HASH_BYTES) {
    hash = chainDigest(hash, proof.later.subarray(at, at + HASH_BYTES));
  }
  const begins = proof.seq !== seal.first || equalBytes(proof.previous, seal.hashBefore);
  if (!begins || !equalBytes(hash, seal.hashLast)) {
    throw new LogError('log/mismatch', 'the record does not hash to what the device signed');
  }
  return seal;
}
