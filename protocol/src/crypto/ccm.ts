/** AES-128-CCM with a 13-byte nonce (RFC 3610, L = 2), made of CBC and CTR for a library that has no CCM. */
import { cbc, ctr } from '@noble/ciphers/aes.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { concat } from '../bytes.js';
import type { CcmTagLength } from './primitives.js';

const BLOCK = 16;
const KEY_BYTES = 16;
const NONCE_BYTES = 13;
const MAX_PLAINTEXT = 0xffff;

/** Ciphertext ‖ tag (RFC 3610 §2.2, §2.3). Throws a RangeError for a key, nonce or plaintext of a wrong length. */
export function ccmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  tagLength: CcmTagLength,
): Uint8Array {
  requireLengths(key, nonce);
  if (plaintext.length > MAX_PLAINTEXT) throw new RangeError('CCM seals at most 65,535 bytes');
  const mac = macOf(key, nonce, aad, plaintext, tagLength);
  const sealed = counted(key, nonce, mac, plaintext);
  return concat(sealed.subarray(BLOCK), sealed.subarray(0, tagLength));
}

/** The plaintext, or nothing when the tag does not hold (RFC 3610 §2.5). Throws as {@link ccmSeal} does. */
export function ccmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
  tagLength: CcmTagLength,
): Uint8Array | undefined {
  requireLengths(key, nonce);
  const length = sealed.length - tagLength;
  if (length < 0 || length > MAX_PLAINTEXT) return undefined;
  const tag = new Uint8Array(BLOCK);
  tag.set(sealed.subarray(length));
  const opened = counted(key, nonce, tag, sealed.subarray(0, length));
  const plaintext = opened.slice(BLOCK);
  const mac = macOf(key, nonce, aad, plaintext, tagLength);
  return equalBytes(mac.subarray(0, tagLength), opened.subarray(0, tagLength)) ? plaintext : undefined;
}

function requireLengths(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError('the key of AES-128 is not 16 bytes');
  if (nonce.length !== NONCE_BYTES) throw new RangeError('the nonce of CCM is not 13 bytes');
}

/** Both under one key stream: counter 0 hides the MAC, the message starts at counter 1. */
function counted(key: Uint8Array, nonce: Uint8Array, mac: Uint8Array, message: Uint8Array): Uint8Array {
  const start = concat(Uint8Array.of(1), nonce, Uint8Array.of(0, 0)); // flags: L - 1
  return ctr(key, start).encrypt(concat(mac, message));
}

/** The CBC-MAC before encryption, 16 bytes. */
function macOf(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  tagLength: CcmTagLength,
): Uint8Array {
  const flags = (aad.length > 0 ? 0x40 : 0) | (((tagLength - 2) / 2) << 3) | 1;
  const first = concat(
    Uint8Array.of(flags),
    nonce,
    Uint8Array.of(plaintext.length >> 8, plaintext.length & 0xff),
  );
  const blocks = concat(first, padded(concat(aadLength(aad.length), aad)), padded(plaintext));
  return cbc(key, new Uint8Array(BLOCK), { disablePadding: true }).encrypt(blocks).slice(-BLOCK);
}

/** How the length of the additional data is written before it: not at all where there is none. */
function aadLength(length: number): Uint8Array {
  if (length === 0) return new Uint8Array();
  if (length < 0xff00) return Uint8Array.of(length >> 8, length);
  const long = Uint8Array.of(0xff, 0xfe, 0, 0, 0, 0);
  new DataView(long.buffer).setUint32(2, length);
  return long;
}

/** Zeros up to a whole block. */
function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  out.set(bytes);
  return out;
}
