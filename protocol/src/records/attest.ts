/**
 * Attest: what two bands said about one visit over one nonce. This is the envelope only; statement and answers
 * are verified as evidence (SPEC.md, Attest).
 */
import { bytes } from './field-types.js';
import { bodyCodec, required } from './layout.js';

export interface Attestation {
  /** What both put their name to: a CBOR map. */
  readonly statement: Uint8Array;
  /** COSE_Sign1 or COSE_Mac0 of purpose `attest` by the provider's band, the statement detached. */
  readonly provider: Uint8Array;
  /** The same by the recipient's. */
  readonly recipient: Uint8Array;
}

export const { write: attestBody, read: readAttest } = bodyCodec<Attestation>('attest', {
  statement: required(1, bytes()),
  provider: required(2, bytes()),
  recipient: required(3, bytes()),
});
