/** Clock documents: a gateway's signed time, in answer to the device's own nonce (SPEC.md, Clock). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { type CoseMessage, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey, PublicKey } from '../crypto/index.js';
import { LogError } from '../errors.js';

export const CLOCK_NONCE_BYTES = 8;

export interface ClockDocument {
  readonly device: string;
  readonly nonce: Uint8Array;
  /** Unix seconds; absent when the gateway's own clock is unset, which still proves who it is. */
  readonly wall?: number | undefined;
  readonly site: string;
  readonly gateway: string;
}

export function signClock(key: PrivateKey, document: ClockDocument): Uint8Array {
  const payload = encode(
    entries(
      [1, document.device],
      [2, document.nonce],
      [3, document.wall],
      [4, document.site],
      [5, document.gateway],
    ),
  );
  return sign1(key, externalAad('clock', document.site), payload);
}

/** Verifies a clock document under a certified gateway's key. @throws CoseError, CborError, LogError */
export function verifyClock(message: CoseMessage, key: PublicKey, site: string): ClockDocument {
  const fields = Fields.of(decodeStrict(verifySign1(message, key, externalAad('clock', site))), 'clock');
  if (fields.text(4) !== site) throw new LogError('clock/refused', 'a clock document of another site');
  return {
    device: fields.text(1),
    nonce: fields.bytes(2, CLOCK_NONCE_BYTES),
    wall: fields.optionalUint(3),
    site,
    gateway: fields.text(5),
  };
}
