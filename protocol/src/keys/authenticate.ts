/**
 * Keys that authenticate, whichever way: by a signature (COSE_Sign1) or, for devices too small to sign, by a MAC
 * (COSE_Mac0) under a key of its purpose. The key decides; what a message claims of itself never does.
 */
import { externalAad, sign1, verifySign1, type CoseMessage, type SignOptions } from '../cose/index.js';
import type { PrivateKey, PublicKey } from '../crypto/index.js';
import { DeviceKey, type MacPurpose } from './device-key.js';

/** What authenticates a message: a key that signs, or the key a device shares with its site's gateways. */
export type AuthenticationKey = PrivateKey | DeviceKey;

/** What a message is checked with. */
export type VerificationKey = PublicKey | DeviceKey;

/** A payload as a tagged COSE message of the key's one kind. */
export function authenticate(
  key: AuthenticationKey,
  purpose: MacPurpose,
  site: string,
  payload: Uint8Array,
  options: Pick<SignOptions, 'detached'> = {},
): Uint8Array {
  return key instanceof DeviceKey
    ? key.mac(purpose, site, payload, options)
    : sign1(key, externalAad(purpose, site), payload, options);
}

/**
 * Verifies a message under the one kind and algorithm of the key. `detached` is the payload when the message does
 * not carry it.
 *
 * @returns the payload that was authenticated
 * @throws CoseError `cose/structure` for a MAC where the key signs, and for a signature where it MACs
 */
export function verifyAuthentic(
  message: CoseMessage,
  key: VerificationKey,
  purpose: MacPurpose,
  site: string,
  detached?: Uint8Array,
): Uint8Array {
  return key instanceof DeviceKey
    ? key.verify(message, purpose, site, detached)
    : verifySign1(message, key, externalAad(purpose, site), detached);
}

/** Whether the key proves something to its site's gateways only: what it authenticates is vouched for by a gateway. */
export function isVouched(key: VerificationKey): boolean {
  return key instanceof DeviceKey;
}
