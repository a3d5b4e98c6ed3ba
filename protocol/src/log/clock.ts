/** Clock documents: a gateway's signed time, in answer to the device's own nonce (SPEC.md, Clock). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import type { CoseMessage } from '../cose/index.js';
import { LogError } from '../errors.js';
import {
  authenticate,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from '../keys/index.js';

export const CLOCK_NONCE_BYTES = 8;

export interface ClockDocument {
  readonly device: string;
  readonly nonce: Uint8Array;
  /** Unix seconds; absent when the gateway's own clock is unset, which still proves who it is. */
  readonly wall?: number | undefined;
  readonly site: string;
  readonly gateway: string;
}

export function signClock(key: AuthenticationKey, document: ClockDocument): Uint8Array {
  const payload = encode(
    entries(
      [1, document.device],
      [2, document.nonce],
      [3, document.wall],
      [4, document.site],
      [5, document.gateway],
    ),
  );
  return authenticate(key, 'clock', document.site, payload);
}

/** Verifies a clock document under a certified gateway's key. @throws CoseError, CborError, LogError */
export function verifyClock(message: CoseMessage, key: VerificationKey, site: string): ClockDocument {
  const fields = Fields.of(decodeStrict(verifyAuthentic(message, key, 'clock', site)), 'clock');
  if (fields.text(4) !== site) throw new LogError('clock/refused', 'a clock document of another site');
  return {
    device: fields.text(1),
    nonce: fields.bytes(2, CLOCK_NONCE_BYTES),
    wall: fields.optionalUint(3),
    site,
    gateway: fields.text(5),
  };
}
