/**
 * The primitives in plain JavaScript, for browsers and wherever node:crypto is not: the same answers as
 * node.ts to every input, slower by an order of magnitude.
 */
import { cbc } from '@noble/ciphers/aes.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { concat } from '../bytes.js';
import { ccmOpen, ccmSeal } from './ccm.js';
import { ALG, type Primitives, SIGNATURE_BYTES, type Verify } from './primitives.js';

/** Any S below the order, as ECDSA defines it: the library alone would refuse the upper half. */
const ES256 = { prehash: true, format: 'compact', lowS: false } as const;

export const primitives: Primitives = {
  sha256: (bytes) => sha256(bytes),
  hmac256: (key, message) => hmac(sha256, key, message),
  randomBytes,
  toBase64,
  equalSecret: equalBytes,

  importPublic({ algorithm, x, y }) {
    if (algorithm === ALG.EdDSA) return ed25519Verifier(x);
    const point = p256.Point.fromBytes(concat(Uint8Array.of(4), x, y ?? new Uint8Array())).toBytes(false);
    return (message, signature) =>
      signature.length === SIGNATURE_BYTES && p256.verify(signature, message, point, ES256);
  },

  importPrivate(algorithm, secret) {
    const own = Uint8Array.from(secret);
    if (algorithm === ALG.EdDSA) {
      const coordinates = { algorithm, x: ed25519.getPublicKey(own), y: undefined };
      return { coordinates, sign: (message) => ed25519.sign(message, own) };
    }
    const point = p256.getPublicKey(own, false);
    const coordinates = { algorithm, x: point.slice(1, 33), y: point.slice(33) };
    return { coordinates, sign: (message) => p256.sign(message, own, ES256) };
  },

  generateSecret: (algorithm) =>
    algorithm === ALG.EdDSA ? ed25519.utils.randomSecretKey() : p256.utils.randomSecretKey(),

  agreementPublic: (curve, secret) =>
    curve === 'P-256' ? p256.getPublicKey(secret, true).slice(1) : x25519.getPublicKey(secret),

  // Of P-256 only x matters to the result, so either of the two points with this x will do.
  agree: (curve, secret, peer) =>
    curve === 'P-256'
      ? p256.getSharedSecret(secret, concat(Uint8Array.of(2), peer), true).slice(1)
      : x25519.getSharedSecret(secret, peer),

  aesCbcEncrypt: (key, iv, data) => aes128(key, iv).encrypt(data),
  aesCbcDecrypt: (key, iv, data) => aes128(key, iv).decrypt(data),
  ccmSeal,
  ccmOpen,
};

/**
 * Verification without the cofactor, R compared as bytes, S below the order (RFC 8032 §5.1.7), as OpenSSL does it.
 * The library's own multiplies by the cofactor and so takes signatures that OpenSSL refuses.
 */
function ed25519Verifier(x: Uint8Array): Verify {
  const { Point } = ed25519;
  const order = Point.Fn.ORDER;
  const key = Uint8Array.from(x);
  let point: InstanceType<typeof Point>;
  try {
    point = Point.fromBytes(key);
  } catch {
    return () => false; // not on the curve: nothing verifies
  }
  return (message, signature) => {
    if (signature.length !== SIGNATURE_BYTES) return false;
    const r = signature.subarray(0, 32);
    const s = bytesToNumberLE(signature.subarray(32));
    if (s >= order) return false;
    const challenge = bytesToNumberLE(sha512(concat(r, key, message))) % order;
    const expected = Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(challenge));
    return equalBytes(expected.toBytes(), r);
  };
}

function aes128(key: Uint8Array, iv: Uint8Array): ReturnType<typeof cbc> {
  if (key.length !== 16) throw new RangeError('the key of AES-128 is not 16 bytes');
  return cbc(key, iv, { disablePadding: true });
}

function toBase64(bytes: Uint8Array): string {
  const CHUNK = 8_192; // arguments of one call
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}
