/** Tier 2: a band's answer to a challenge, made with its key right after a press of its button (SPEC.md, Answer). */
import { decodeStrict, encode, type CborMap } from '../cbor/index.js';
import type { CoseMessage } from '../cose/index.js';
import { CborError } from '../errors.js';
import {
  authenticate,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from '../keys/index.js';
import { bytes, id, oneOf, service, uint } from '../records/field-types.js';
import { bodyCodec, required } from '../records/layout.js';
import { CHALLENGE_DIRECTION, CHALLENGE_WHAT, type Challenge } from '../smp/exchange-commands.js';
import { CHALLENGE_NONCE_BYTES } from './proof.js';

/** Seconds after a press of its button during which a band answers. */
export const PRESS_SECONDS = 10;

/** A challenge, and what the band adds to it. */
export interface Answer extends Challenge {
  /** Strictly increasing over the life of the band's key. */
  readonly counter: number;
  /** Seconds from the press of the button to the answer, at most 10. */
  readonly sincePress: number;
}

const codec = bodyCodec<Answer>('answer', {
  what: required(1, oneOf(CHALLENGE_WHAT)),
  nonce: required(2, bytes(CHALLENGE_NONCE_BYTES)),
  challenger: required(3, id),
  service: required(4, service),
  direction: required(5, oneOf(CHALLENGE_DIRECTION)),
  counter: required(6, uint()),
  sincePress: required(7, uint(0, PRESS_SECONDS)),
});

/** An answer as a COSE message of the band's key. @throws CborError for a press that is too long ago */
export function signAnswer(key: AuthenticationKey, site: string, answer: Answer): Uint8Array {
  return authenticate(key, 'answer', site, encode(codec.write(answer)));
}

/** Verifies an answer under a band's key. @throws CoseError, CborError */
export function openAnswer(message: CoseMessage, key: VerificationKey, site: string): Answer {
  const payload = decodeStrict(verifyAuthentic(message, key, 'answer', site));
  if (!(payload instanceof Map)) throw new CborError('cbor/shape', 'answer: not a map');
  return codec.read(payload as CborMap);
}
