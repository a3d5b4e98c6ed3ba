/** Encryption of the messages of EDHOC (RFC 9528 §5.3.2, §5.4.2, §5.5.2): an XOR for message_2, AES-CCM after. */
import { ccmOpen, ccmSeal } from '../../crypto/index.js';
import { SessionError } from '../../errors.js';
import type { MessageKey } from './schedule.js';

/** AES-CCM-16-64-128 */
const TAG_BYTES = 8;

/** Hides PLAINTEXT_2 from those who only listen; authenticates nothing. Its own inverse. */
export function xor(text: Uint8Array, keystream: Uint8Array): Uint8Array {
  return text.map((byte, i) => byte ^ (keystream[i] ?? 0));
}

export function encryptMessage({ key, iv, aad }: MessageKey, plaintext: Uint8Array): Uint8Array {
  return ccmSeal(key, iv, aad, plaintext, TAG_BYTES);
}

/** @throws SessionError `session/proof` */
export function decryptMessage({ key, iv, aad }: MessageKey, ciphertext: Uint8Array): Uint8Array {
  const plaintext = ccmOpen(key, iv, aad, ciphertext, TAG_BYTES);
  if (plaintext === undefined) throw new SessionError('session/proof', 'a message that does not decrypt');
  return plaintext;
}
