/**
 * The one place where the core meets a cryptographic library (node:crypto).
 * Everything is synchronous; keys are imported once and kept as key objects.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes as nodeRandomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { CoseError } from '../errors.js';
import { isWeakEd25519Key } from './ed25519-points.js';

/** COSE algorithm identifiers of the profile (RFC 9053 §2, §3). */
export const ALG = { EdDSA: -8, ES256: -7, HMAC256: 5 } as const;
export type SignatureAlgorithm = typeof ALG.EdDSA | typeof ALG.ES256;

/** Bytes of a signature, the same for both algorithms (RFC 8032 §5.1.6; RFC 9053 §2.1: r ‖ s). */
export const SIGNATURE_BYTES = 64;

/** SHA-256 of one byte string, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** Cryptographically strong random bytes. */
export function randomBytes(length: number): Uint8Array {
  return nodeRandomBytes(length);
}

/** HMAC 256/256 (RFC 9053 §3.1), 32 bytes. */
export function hmac256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest();
}

/** Constant-time comparison of two secrets of public length. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function fromBase64url(text: string | undefined): Uint8Array {
  return Buffer.from(text ?? '', 'base64url');
}

/** The coordinates of a public key: `x` alone for Ed25519, `x` and `y` for P-256, 32 bytes each. */
export interface PublicCoordinates {
  readonly algorithm: SignatureAlgorithm;
  readonly x: Uint8Array;
  readonly y: Uint8Array | undefined;
}

/** A key that verifies, for one algorithm only. */
export class PublicKey implements PublicCoordinates {
  private constructor(
    readonly algorithm: SignatureAlgorithm,
    readonly x: Uint8Array,
    readonly y: Uint8Array | undefined,
    private readonly key: KeyObject,
  ) {}

  /**
   * Imports a key from its coordinates. Ed25519 keys of small order and non-canonical encodings are
   * refused, because node:crypto takes them and forgeries verify under them (RFC 8032 §5.1.3, §8.8).
   *
   * @throws CoseError `cose/weak-key`, `cose/key`
   */
  static fromCoordinates({ algorithm, x, y }: PublicCoordinates): PublicKey {
    if (x.length !== 32) throw new CoseError('cose/key', 'a coordinate is not 32 bytes');
    if (algorithm === ALG.EdDSA && isWeakEd25519Key(x)) {
      throw new CoseError('cose/weak-key', 'an Ed25519 key of small order or in non-canonical form');
    }
    if (algorithm === ALG.ES256 && y?.length !== 32) throw new CoseError('cose/key', 'a P-256 key without y');
    const jwk =
      algorithm === ALG.EdDSA
        ? { kty: 'OKP', crv: 'Ed25519', x: base64url(x) }
        : { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y ?? new Uint8Array()) };
    try {
      return new PublicKey(
        algorithm,
        x,
        algorithm === ALG.EdDSA ? undefined : y,
        createPublicKey({ key: jwk, format: 'jwk' }),
      );
    } catch {
      throw new CoseError('cose/key', 'not a point on the curve');
    }
  }

  /** Whether `signature` (64 bytes) is this key's over `message`. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES) return false;
    return this.algorithm === ALG.EdDSA
      ? verify(null, message, this.key, signature)
      : verify('sha256', message, { key: this.key, dsaEncoding: 'ieee-p1363' }, signature);
  }
}

/** A key that signs, for one algorithm only. */
export class PrivateKey {
  private constructor(
    private readonly key: KeyObject,
    readonly publicKey: PublicKey,
  ) {}

  /**
   * The new key is taken as text and read again: Node 20 hangs for good when it collects a finished key
   * generation while the very key it made is exported, because both lock the same mutex.
   */
  static generate(algorithm: SignatureAlgorithm = ALG.EdDSA): PrivateKey {
    const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
    const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
    const { privateKey } =
      algorithm === ALG.EdDSA
        ? generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding })
        : generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding });
    return PrivateKey.fromPem(privateKey);
  }

  /** Reads PKCS#8 PEM, encrypted or not. @throws CoseError `cose/key` */
  static fromPem(pem: string, passphrase?: string): PrivateKey {
    let key: KeyObject;
    try {
      key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
    } catch {
      throw new CoseError('cose/key', 'not a private key in PEM form, or the passphrase is wrong');
    }
    return PrivateKey.wrap(key);
  }

  private static wrap(key: KeyObject): PrivateKey {
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    if (jwk.crv !== 'Ed25519' && jwk.crv !== 'P-256') {
      throw new CoseError('cose/key', 'neither an Ed25519 nor a P-256 key');
    }
    const algorithm = jwk.crv === 'Ed25519' ? ALG.EdDSA : ALG.ES256;
    const y = algorithm === ALG.ES256 ? fromBase64url(jwk.y) : undefined;
    return new PrivateKey(key, PublicKey.fromCoordinates({ algorithm, x: fromBase64url(jwk.x), y }));
  }

  /** PKCS#8 PEM, encrypted with AES-256 when a passphrase is given. */
  toPem(passphrase?: string): string {
    const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
    return this.key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
  }

  get algorithm(): SignatureAlgorithm {
    return this.publicKey.algorithm;
  }

  /** A signature of 64 bytes over `message`. */
  sign(message: Uint8Array): Uint8Array {
    return this.algorithm === ALG.EdDSA
      ? sign(null, message, this.key)
      : sign('sha256', message, { key: this.key, dsaEncoding: 'ieee-p1363' });
  }
}

/** Standard base64, for JSON. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
