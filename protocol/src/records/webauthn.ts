/**
 * Approvals by a security key or a phone: a WebAuthn assertion whose challenge is the hash of the action
 * (W3C Web Authentication Level 2 §6.1, §7.2; SPEC.md, Approvals).
 */
import { concat, equalBytes } from '../bytes.js';
import { externalAad } from '../cose/index.js';
import { ALG, type PublicKey, sha256, toBase64 } from '../crypto/index.js';
import { RecordError } from '../errors.js';
import type { Assertion } from './actions.js';
import { signatureFromDer } from './ecdsa-der.js';

/** Where operators approve: the console of one site. */
export interface RelyingParty {
  /** Domain that the credentials are bound to. */
  readonly id: string;
  /** Origins of the pages that may ask for an approval. */
  readonly origins: readonly string[];
}

/** Bits of the flags (§6.1): someone was there, was verified, and extensions follow. */
const FLAG = { userPresent: 0x01, userVerified: 0x04, attested: 0x40, extensions: 0x80 } as const;
const HASH_BYTES = 32;
/** rpIdHash, flags, counter. */
const AUTHENTICATOR_DATA_BYTES = HASH_BYTES + 1 + 4;
const MAX_CLIENT_DATA_BYTES = 1024;

/** What an authenticator is asked to sign: `SHA-256(external_aad of purpose approve ‖ action)`, 32 bytes. */
export function webauthnChallenge(site: string, action: Uint8Array): Uint8Array {
  return sha256(concat(externalAad('approve', site), action));
}

/**
 * Verifies an assertion over an action: challenge, type and origin, relying party, that a person was present
 * and verified, and the signature. Signature counters are not looked at: approvals are checked again years later.
 *
 * @throws RecordError `record/approval`
 */
export function verifyAssertion(
  assertion: Assertion,
  key: PublicKey,
  challenge: Uint8Array,
  relyingParty: RelyingParty,
): void {
  checkClientData(assertion.clientDataJSON, challenge, relyingParty);
  checkAuthenticatorData(assertion.authenticatorData, relyingParty);
  if (key.algorithm !== ALG.ES256) throw refused('the credential is not an ES256 key');
  const signed = concat(assertion.authenticatorData, sha256(assertion.clientDataJSON));
  if (!key.verify(signed, signatureFromDer(assertion.signature))) {
    throw refused('the signature does not verify');
  }
}

function checkClientData(json: Uint8Array, challenge: Uint8Array, { origins }: RelyingParty): void {
  const data = parseObject(json);
  if (data['type'] !== 'webauthn.get') throw refused('not an assertion');
  if (data['challenge'] !== base64url(challenge)) throw refused('the challenge is not that of the action');
  if (!origins.some((origin) => origin === data['origin'])) throw refused('asked for by another page');
  if (data['crossOrigin'] === true) throw refused('asked for from within another page');
}

function checkAuthenticatorData(data: Uint8Array, { id }: RelyingParty): void {
  const flags = data[HASH_BYTES] ?? 0;
  const sizeFits =
    (flags & FLAG.extensions) === 0
      ? data.length === AUTHENTICATOR_DATA_BYTES
      : data.length > AUTHENTICATOR_DATA_BYTES;
  if (!sizeFits || (flags & FLAG.attested) !== 0) throw refused('not the authenticator data of an assertion');
  if (!equalBytes(data.subarray(0, HASH_BYTES), sha256(new TextEncoder().encode(id)))) {
    throw refused('a credential of another relying party');
  }
  if ((flags & FLAG.userPresent) === 0) throw refused('nobody was present');
  if ((flags & FLAG.userVerified) === 0) throw refused('nobody was verified');
}

function parseObject(json: Uint8Array): Readonly<Record<string, unknown>> {
  if (json.length > MAX_CLIENT_DATA_BYTES) throw refused('the client data is too long');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    throw refused('the client data is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw refused('the client data is not an object');
  return value as Readonly<Record<string, unknown>>;
}

/** RFC 4648 §5, without padding. */
function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function refused(message: string): RecordError {
  return new RecordError('record/approval', `WebAuthn: ${message}`);
}
