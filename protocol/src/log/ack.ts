/** Acks: the gateway's signed word that records are durable. Only then may a device overwrite them (SPEC.md, Ack). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import type { CoseMessage } from '../cose/index.js';
import { LogError } from '../errors.js';
import {
  authenticate,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from '../keys/index.js';
import { HASH_BYTES, LOG_ID_BYTES } from './chain.js';

const DURABILITY = { box: 1, city: 2 } as const;

export interface Ack {
  readonly logId: Uint8Array;
  readonly upto: number;
  /** `h(upto)`: a device applies the ack only if its own hash there is the same. */
  readonly hash: Uint8Array;
  readonly site: string;
  readonly gateway: string;
  /** Number of the revocation list the gateway knows, 0 while there is none. */
  readonly revocations: number;
  readonly durability: keyof typeof DURABILITY;
}

export function signAck(key: AuthenticationKey, ack: Ack): Uint8Array {
  const payload = encode(
    entries(
      [1, ack.logId],
      [2, ack.upto],
      [3, ack.hash],
      [4, ack.site],
      [5, ack.gateway],
      [6, ack.revocations],
      [7, DURABILITY[ack.durability]],
    ),
  );
  return authenticate(key, 'ack', ack.site, payload);
}

/** Verifies an ack under a certified gateway's key. @throws CoseError, CborError, LogError */
export function verifyAck(message: CoseMessage, key: VerificationKey, site: string): Ack {
  const fields = Fields.of(decodeStrict(verifyAuthentic(message, key, 'ack', site)), 'ack');
  const durability = fields.uint(7);
  if (fields.text(4) !== site) throw new LogError('ack/refused', 'an ack of another site');
  return {
    logId: fields.bytes(1, LOG_ID_BYTES),
    upto: fields.uint(2),
    hash: fields.bytes(3, HASH_BYTES),
    site,
    gateway: fields.text(5),
    revocations: fields.uint(6),
    durability: durability === DURABILITY.city ? 'city' : 'box',
  };
}
