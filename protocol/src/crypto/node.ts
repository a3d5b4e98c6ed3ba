/** The primitives by node:crypto. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  ECDH,
  createECDH,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { concat, fromHex } from '../bytes.js';
import { ALG, type Primitives, type PublicCoordinates } from './primitives.js';

/** PKCS#8 and SPKI around 32 raw bytes (RFC 8410 §4, §7). */
const DER = {
  ed25519Private: fromHex('302e020100300506032b657004220420'),
  x25519Private: fromHex('302e020100300506032b656e04220420'),
  x25519Public: fromHex('302a300506032b656e032100'),
};

const ieee = 'ieee-p1363';

/** Nothing, at an address: OpenSSL takes nothing without one for no call at all, and CCM then makes no tag. */
const NO_BYTES = Buffer.alloc(1).subarray(0, 0);
const CCM_NONCE_BYTES = 13;

export const primitives: Primitives = {
  sha256,
  hmac256: (key, message) => createHmac('sha256', key).update(message).digest(),
  randomBytes,
  toBase64: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  equalSecret: (a, b) => a.length === b.length && timingSafeEqual(a, b),

  importPublic(coordinates) {
    const key = createPublicKey({ key: publicJwk(coordinates), format: 'jwk' });
    return coordinates.algorithm === ALG.EdDSA
      ? (message, signature) => verify(null, message, key, signature)
      : (message, signature) => verify('sha256', message, { key, dsaEncoding: ieee }, signature);
  },

  importPrivate(algorithm, secret) {
    if (algorithm === ALG.EdDSA) {
      const key = pkcs8(DER.ed25519Private, secret);
      const { x } = createPublicKey(key).export({ format: 'jwk' });
      const coordinates = { algorithm, x: fromBase64url(x), y: undefined };
      return { coordinates, sign: (message) => sign(null, message, key) };
    }
    const point = p256(secret).getPublicKey();
    const coordinates = { algorithm, x: point.subarray(1, 33), y: point.subarray(33) };
    const jwk = { ...publicJwk(coordinates), d: base64url(secret) };
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    return { coordinates, sign: (message) => sign('sha256', message, { key, dsaEncoding: ieee }) };
  },

  generateSecret(algorithm) {
    if (algorithm === ALG.EdDSA) return randomBytes(32);
    const ecdh = createECDH('prime256v1');
    ecdh.generateKeys();
    return leftPadded(ecdh.getPrivateKey());
  },

  agreementPublic(curve, secret) {
    if (curve === 'P-256') return p256(secret).getPublicKey().subarray(1, 33);
    const spki = createPublicKey(x25519(secret)).export({ type: 'spki', format: 'der' });
    return spki.subarray(DER.x25519Public.length);
  },

  agree(curve, secret, peer) {
    requireLength(peer, 32, 'public key');
    if (curve === 'P-256') {
      // Only x matters to the result, so either of the two points with this x will do.
      const point = ECDH.convertKey(concat(Uint8Array.of(2), peer), 'prime256v1');
      return p256(secret).computeSecret(typeof point === 'string' ? Buffer.from(point, 'hex') : point);
    }
    const spki = Buffer.from(concat(DER.x25519Public, peer));
    const publicKey = createPublicKey({ key: spki, type: 'spki', format: 'der' });
    return diffieHellman({ privateKey: x25519(secret), publicKey });
  },

  aesCbcEncrypt(key, iv, data) {
    const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    return concat(cipher.update(data), cipher.final());
  },

  aesCbcDecrypt(key, iv, data) {
    const decipher = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    return concat(decipher.update(data), decipher.final());
  },

  ccmSeal(key, nonce, aad, plaintext, tagLength) {
    requireLength(nonce, CCM_NONCE_BYTES, 'nonce');
    const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: tagLength });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const text = plaintext.length === 0 ? NO_BYTES : plaintext;
    return concat(cipher.update(text), cipher.final(), cipher.getAuthTag());
  },

  ccmOpen(key, nonce, aad, sealed, tagLength) {
    requireLength(nonce, CCM_NONCE_BYTES, 'nonce');
    const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: tagLength });
    const plaintextLength = sealed.length - tagLength;
    if (plaintextLength < 0) return undefined;
    try {
      decipher.setAuthTag(sealed.subarray(plaintextLength));
      decipher.setAAD(aad, { plaintextLength });
      return concat(decipher.update(sealed.subarray(0, plaintextLength)), decipher.final());
    } catch {
      return undefined;
    }
  },
};

/** By way of a string: a Buffer of 32 bytes costs more to make than the hash, and is collected later. */
function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'binary');
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i);
  return out;
}

/** OpenSSL itself takes other lengths here and there, which no other library does. */
function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new RangeError(`a ${what} is not ${length} bytes`);
}

/** Reading a key takes longer than using it, and an ephemeral one is used twice: for its public half, and to agree. */
const x25519Keys = new WeakMap<Uint8Array, KeyObject>();

function x25519(secret: Uint8Array): KeyObject {
  const key = x25519Keys.get(secret) ?? pkcs8(DER.x25519Private, secret);
  x25519Keys.set(secret, key);
  return key;
}

function pkcs8(prefix: Uint8Array, secret: Uint8Array): KeyObject {
  requireLength(secret, 32, 'private key');
  return createPrivateKey({ key: Buffer.from(concat(prefix, secret)), type: 'pkcs8', format: 'der' });
}

function p256(secret: Uint8Array): ReturnType<typeof createECDH> {
  requireLength(secret, 32, 'private key');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(secret);
  return ecdh;
}

function publicJwk({ algorithm, x, y }: PublicCoordinates): Record<string, string> {
  return algorithm === ALG.EdDSA
    ? { kty: 'OKP', crv: 'Ed25519', x: base64url(x) }
    : { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y ?? new Uint8Array()) };
}

/** node:crypto leaves out leading zeros of a scalar. */
function leftPadded(scalar: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  out.set(scalar, 32 - scalar.length);
  return out;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function fromBase64url(text: string | undefined): Uint8Array {
  return Buffer.from(text ?? '', 'base64url');
}
