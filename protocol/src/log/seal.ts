/** Seals: one signature or MAC over the state of a log, made when asked (SPEC.md, Seal). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import { sha256 } from '../crypto/index.js';
import { LogError, TimebandError } from '../errors.js';
import {
  authenticate,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from '../keys/index.js';
import { HASH_BYTES, LOG_ID_BYTES } from './chain.js';
import { readTime, timeFields, type DeviceTime } from './time.js';

export const SEAL_NONCE_BYTES = 16;

/** What a seal states. It covers the records `first` to `last`; `first` is one past what the device knows acked. */
export interface Seal {
  readonly logId: Uint8Array;
  readonly first: number;
  readonly last: number;
  /** `h(first - 1)` and `h(last)`. */
  readonly hashBefore: Uint8Array;
  readonly hashLast: Uint8Array;
  /** The asker's: proves when the log was read, never when something happened. */
  readonly nonce: Uint8Array;
  readonly boot: number;
  /** Seconds since that start, when the seal was made. */
  readonly uptime: number;
  readonly time: DeviceTime;
}

/** A seal that verified. */
export interface VerifiedSeal extends Seal {
  /** SHA-256 of the authenticated payload. Never computed over a signature, which its maker could vary. */
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export function signSeal(key: AuthenticationKey, site: string, seal: Seal): Uint8Array {
  const payload = encode(
    entries(
      [1, seal.logId],
      [2, seal.first],
      [3, seal.last],
      [4, seal.hashBefore],
      [5, seal.hashLast],
      [6, seal.nonce],
      [7, seal.boot],
      [8, seal.uptime],
      ...timeFields(9, seal.time),
    ),
  );
  return authenticate(key, 'seal', site, payload);
}

/** Verifies a seal under its device's key. @throws LogError `seal/signature`, CborError */
export function verifySeal(bytes: Uint8Array, key: VerificationKey, site: string): VerifiedSeal {
  let payload: Uint8Array;
  try {
    payload = verifyAuthentic(decodeCose(bytes), key, 'seal', site);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new LogError('seal/signature', `the seal does not verify: ${error.message}`, { cause: error.code });
  }
  const fields = Fields.of(decodeStrict(payload), 'seal');
  const seal = {
    logId: fields.bytes(1, LOG_ID_BYTES),
    first: fields.uint(2),
    last: fields.uint(3),
    hashBefore: fields.bytes(4, HASH_BYTES),
    hashLast: fields.bytes(5, HASH_BYTES),
    nonce: fields.bytes(6, SEAL_NONCE_BYTES),
    boot: fields.uint(7),
    uptime: fields.uint(8),
    time: readTime(fields, 9),
    id: sha256(payload),
    bytes,
  };
  if (seal.first < 1 || seal.last < seal.first - 1)
    throw new LogError('seal/range', 'the seal covers no possible range');
  return seal;
}
