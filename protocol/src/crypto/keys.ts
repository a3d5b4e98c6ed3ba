/** Keys for one algorithm each, imported once. */
import { CoseError } from '../errors.js';
import { primitives } from '#primitives';
import { isWeakEd25519Key } from './ed25519-points.js';
import {
  ALG,
  type PublicCoordinates,
  SIGNATURE_BYTES,
  type SignatureAlgorithm,
  type SigningKey,
  type Verify,
} from './primitives.js';

/** A key that verifies, for one algorithm only. */
export class PublicKey implements PublicCoordinates {
  private constructor(
    readonly algorithm: SignatureAlgorithm,
    readonly x: Uint8Array,
    readonly y: Uint8Array | undefined,
    private readonly holds: Verify,
  ) {}

  /**
   * Imports a key from its coordinates. Ed25519 keys of small order and non-canonical encodings are
   * refused, because libraries take them and forgeries verify under them (RFC 8032 §5.1.3, §8.8).
   *
   * @throws CoseError `cose/weak-key`, `cose/key`
   */
  static fromCoordinates(coordinates: PublicCoordinates): PublicKey {
    const { algorithm, x, y } = coordinates;
    if (x.length !== 32) throw new CoseError('cose/key', 'a coordinate is not 32 bytes');
    if (algorithm === ALG.EdDSA && isWeakEd25519Key(x)) {
      throw new CoseError('cose/weak-key', 'an Ed25519 key of small order or in non-canonical form');
    }
    if (algorithm === ALG.ES256 && y?.length !== 32) throw new CoseError('cose/key', 'a P-256 key without y');
    try {
      const holds = primitives.importPublic(coordinates);
      return new PublicKey(algorithm, x, algorithm === ALG.EdDSA ? undefined : y, holds);
    } catch {
      throw new CoseError('cose/key', 'not a point on the curve');
    }
  }

  /** Whether `signature` (64 bytes) is this key's over `message`. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === SIGNATURE_BYTES && this.holds(message, signature);
  }
}

/** A key that signs, for one algorithm only. */
export class PrivateKey {
  private constructor(
    /** The 32 bytes of the seed or scalar: whoever has them is this key. */
    readonly secret: Uint8Array,
    private readonly key: SigningKey,
    readonly publicKey: PublicKey,
  ) {}

  static generate(algorithm: SignatureAlgorithm = ALG.EdDSA): PrivateKey {
    return PrivateKey.fromSecret(algorithm, primitives.generateSecret(algorithm));
  }

  /** From an Ed25519 seed or a P-256 scalar of 32 bytes. @throws CoseError `cose/key` */
  static fromSecret(algorithm: SignatureAlgorithm, secret: Uint8Array): PrivateKey {
    let key: SigningKey;
    try {
      key = primitives.importPrivate(algorithm, secret);
    } catch {
      throw new CoseError('cose/key', 'not a private key of its algorithm');
    }
    return new PrivateKey(Uint8Array.from(secret), key, PublicKey.fromCoordinates(key.coordinates));
  }

  get algorithm(): SignatureAlgorithm {
    return this.publicKey.algorithm;
  }

  /** A signature of 64 bytes over `message`. */
  sign(message: Uint8Array): Uint8Array {
    return this.key.sign(message);
  }

  /** Keeps the secret out of logs and error reports. */
  toJSON(): string {
    return 'a private key';
  }
}
