/** A security key in software, for tests and published vectors: what it returns when it is asked to approve. */
import { concat } from '../bytes.js';
import { type PrivateKey, sha256 } from '../crypto/index.js';
import type { Assertion } from '../records/index.js';

export interface AssertionOptions {
  readonly rpId: string;
  readonly challenge: Uint8Array;
  /** Fields of the client data beside the challenge. */
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly flags?: number;
  readonly extensions?: Uint8Array;
}

/** An assertion by an ES256 key, of a page at `https://{rpId}` unless told otherwise. */
export function makeAssertion(key: PrivateKey, options: AssertionOptions): Assertion {
  const { rpId, challenge, clientData, flags = 0x05, extensions = new Uint8Array() } = options;
  const clientDataJSON = new TextEncoder().encode(
    JSON.stringify({
      type: 'webauthn.get',
      challenge: Buffer.from(challenge).toString('base64url'),
      origin: `https://${rpId}`,
      crossOrigin: false,
      ...clientData,
    }),
  );
  const rpIdHash = sha256(new TextEncoder().encode(rpId));
  const authenticatorData = concat(rpIdHash, Uint8Array.of(flags, 0, 0, 0, 1), extensions);
  const signature = toDer(key.sign(concat(authenticatorData, sha256(clientDataJSON))));
  return { authenticatorData, clientDataJSON, signature };
}

/** r ‖ s as a DER SEQUENCE of two INTEGERs. */
export function toDer(signature: Uint8Array): Uint8Array {
  const body = concat(derInteger(signature.subarray(0, 32)), derInteger(signature.subarray(32)));
  return concat(Uint8Array.of(0x30, body.length), body);
}

function derInteger(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  const digits = value.subarray(start < 0 ? value.length - 1 : start);
  const padded = (digits[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), digits) : digits;
  return concat(Uint8Array.of(0x02, padded.length), padded);
}
