/** HKDF with SHA-256 (RFC 5869) and AES-CMAC (RFC 4493), built from the primitives. */
import { concat } from '../bytes.js';
import { primitives } from '#primitives';

/** The pseudorandom key, 32 bytes (RFC 5869 §2.2). */
export function hkdfExtract(salt: Uint8Array, secret: Uint8Array): Uint8Array {
  return primitives.hmac256(salt, secret);
}

/** `length` bytes, at most 8,160 (RFC 5869 §2.3). */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * 32) throw new RangeError('HKDF gives at most 8,160 bytes');
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array();
  for (let at = 0, counter = 1; at < length; at += 32, counter++) {
    block = primitives.hmac256(key, concat(block, info, Uint8Array.of(counter)));
    out.set(block.subarray(0, length - at), at);
  }
  return out;
}

/** AES-CMAC with a 16-byte key, 16 bytes (RFC 4493 §2.4). */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const zero = new Uint8Array(16);
  const k1 = doubled(primitives.aesCbcEncrypt(key, zero, zero));
  const whole = message.length > 0 && message.length % 16 === 0;
  const start = whole ? message.length - 16 : message.length - (message.length % 16);
  const padded = new Uint8Array(start + 16);
  padded.set(message);
  if (!whole) padded[message.length] = 0x80;
  const subkey = whole ? k1 : doubled(k1);
  for (let i = 0; i < 16; i++) padded[start + i] = (padded[start + i] ?? 0) ^ (subkey[i] ?? 0);
  return primitives.aesCbcEncrypt(key, zero, padded).subarray(-16);
}

/** Multiplication by x in GF(2^128), as CMAC's subkeys are made (RFC 4493 §2.3). */
function doubled(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(16);
  for (let i = 0; i < 16; i++) out[i] = ((block[i] ?? 0) << 1) | ((block[i + 1] ?? 0) >> 7);
  if (((block[0] ?? 0) & 0x80) !== 0) out[15] = (out[15] ?? 0) ^ 0x87;
  return out;
}
