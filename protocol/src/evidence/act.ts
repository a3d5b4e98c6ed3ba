/** One act in two logs: how a tap or a visit that two devices recorded is known as one (SPEC.md, Acts). */
import { concat } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { CHALLENGE_NONCE_BYTES } from './proof.js';

/** Bytes of an act id. */
export const ACT_BYTES = 32;

/** `SHA-256(nonce ‖ the two device ids, sorted, each as CBOR text)`: the same whichever device says it. */
export function actId(nonce: Uint8Array, first: string, second: string): Uint8Array {
  const [lower, higher] = first < second ? [first, second] : [second, first];
  return sha256(concat(nonce, encode(lower), encode(higher)));
}

/** The nonce of a visit, to which either band gave a half of 16 bytes: neither alone can choose it. */
export function jointNonce(provider: Uint8Array, recipient: Uint8Array): Uint8Array {
  return sha256(encode(['tb-meet', 1, provider, recipient])).subarray(0, CHALLENGE_NONCE_BYTES);
}
