/**
 * What the core asks of a cryptographic library. There are two: node:crypto on Node, and a library in
 * plain JavaScript elsewhere; the condition `browser` in package.json's `imports` chooses. All is synchronous.
 */

/** COSE algorithm identifiers of the profile (RFC 9053 §2, §3). */
export const ALG = { EdDSA: -8, ES256: -7, HMAC256: 5 } as const;
export type SignatureAlgorithm = typeof ALG.EdDSA | typeof ALG.ES256;

/** Bytes of a signature, the same for both algorithms. */
export const SIGNATURE_BYTES = 64;

/** Curves of ephemeral keys (RFC 9053 §7.1). */
export type AgreementCurve = 'X25519' | 'P-256';

/** The coordinates of a public key: `x` alone for Ed25519, `x` and `y` for P-256, 32 bytes each. */
export interface PublicCoordinates {
  readonly algorithm: SignatureAlgorithm;
  readonly x: Uint8Array;
  readonly y: Uint8Array | undefined;
}

/** Whether the signature is the key's over the message; false for one that is not of 64 bytes. */
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

export interface SigningKey {
  readonly coordinates: PublicCoordinates;
  /** A signature of 64 bytes (RFC 8032 §5.1.6; RFC 9053 §2.1: r ‖ s). */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export interface Primitives {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly hmac256: (key: Uint8Array, message: Uint8Array) => Uint8Array;
  /** Cryptographically strong, at most 65,536 bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Standard base64, for JSON. */
  readonly toBase64: (bytes: Uint8Array) => string;
  /** Constant-time comparison of two secrets of public length. */
  readonly equalSecret: (a: Uint8Array, b: Uint8Array) => boolean;
  /**
   * Throws anything for a P-256 point that is not on the curve; under an Ed25519 key that is on none, nothing
   * verifies. Weak keys are refused before. Ed25519 is verified without the cofactor and with S below the order
   * (RFC 8032 §5.1.7), ES256 with either form of s.
   */
  readonly importPublic: (key: PublicCoordinates) => Verify;
  /** From the 32 bytes of an Ed25519 seed, or of a P-256 scalar (big-endian). Throws anything for a bad one. */
  readonly importPrivate: (algorithm: SignatureAlgorithm, secret: Uint8Array) => SigningKey;
  readonly generateSecret: (algorithm: SignatureAlgorithm) => Uint8Array;
  /** The public half of an ephemeral key: 32 bytes, for P-256 the x coordinate alone (RFC 9528 §3.7). */
  readonly agreementPublic: (curve: AgreementCurve, secret: Uint8Array) => Uint8Array;
  /** The shared secret, 32 bytes. Throws anything for a peer's key that is no point or of small order. */
  readonly agree: (curve: AgreementCurve, secret: Uint8Array, peer: Uint8Array) => Uint8Array;
  /** AES-128-CBC without padding; `data` is whole blocks of 16 bytes. */
  readonly aesCbcEncrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;
  readonly aesCbcDecrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;
  /**
   * AES-128-CCM with a 13-byte nonce (RFC 3610, L = 2): ciphertext ‖ tag of `tagLength` bytes. Throws anything for
   * a key or nonce of another length, or for more than 65,535 bytes of plaintext.
   */
  readonly ccmSeal: (
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    tagLength: CcmTagLength,
  ) => Uint8Array;
  /** The plaintext, or nothing when the tag does not hold. */
  readonly ccmOpen: (
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array,
    tagLength: CcmTagLength,
  ) => Uint8Array | undefined;
}

export type CcmTagLength = 4 | 8 | 16;
