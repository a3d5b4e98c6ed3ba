/**
 * COSE_Encrypt0 (RFC 9052 §5.2) in one narrow profile: AES-CCM-16-64-128, the nonce made of a common IV and a
 * Partial IV that counts the messages, nothing else in either header (SPEC.md, Session).
 */
import { concat, equalBytes } from '../bytes.js';
import { type CborValue, decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { ccmOpen, ccmSeal } from '../crypto/index.js';
import { CoseError } from '../errors.js';

const TAG_ENCRYPT0 = 0xd0; // tag 16
const AES_CCM_16_64_128 = 10;
const TAG_BYTES = 8;
const NONCE_BYTES = 13;

/** Header parameters (RFC 9052 §3.1). */
const HEADER = { alg: 1, partialIv: 6 } as const;
const PROTECTED = encode(entries([HEADER.alg, AES_CCM_16_64_128]));

/** Highest Partial IV: three bytes. */
export const MAX_PARTIAL_IV = 0xff_ffff;

/** A key of 16 bytes and the common IV of 13 that goes with it. One direction of one session only. */
export interface Encrypt0Key {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** What is authenticated beside the plaintext: `Enc_structure` (RFC 9052 §5.3). */
export function encryptionInput(protectedBytes: Uint8Array, aad: Uint8Array): Uint8Array {
  return encode(['Encrypt0', protectedBytes, aad]);
}

/** Encrypts under a Partial IV that this key never saw before, from 0 to {@link MAX_PARTIAL_IV}. */
export function encryptCose0(
  { key, iv }: Encrypt0Key,
  partialIv: number,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const partial = shortest(partialIv);
  const ciphertext = ccmSeal(key, nonce(iv, partial), encryptionInput(PROTECTED, aad), plaintext, TAG_BYTES);
  const unprotected = entries([HEADER.partialIv, partial]);
  return concat(Uint8Array.of(TAG_ENCRYPT0), encode([PROTECTED, unprotected, ciphertext]));
}

/**
 * Decrypts a tagged COSE_Encrypt0. Whether its Partial IV is a new one is for the caller to say.
 * @throws CborError, CoseError `cose/structure`, `cose/algorithm`, `cose/decrypt`
 */
export function decryptCose0(
  { key, iv }: Encrypt0Key,
  message: Uint8Array,
  aad: Uint8Array,
): { readonly partialIv: number; readonly plaintext: Uint8Array } {
  const { partial, ciphertext } = decode(message);
  const plaintext = ccmOpen(key, nonce(iv, partial), encryptionInput(PROTECTED, aad), ciphertext, TAG_BYTES);
  if (plaintext === undefined) throw new CoseError('cose/decrypt', 'the message does not decrypt');
  return { partialIv: partial.reduce((value, byte) => value * 256 + byte, 0), plaintext };
}

function decode(message: Uint8Array): { readonly partial: Uint8Array; readonly ciphertext: Uint8Array } {
  if (message[0] !== TAG_ENCRYPT0) throw new CoseError('cose/structure', 'not a COSE_Encrypt0 with its tag');
  const parts = decodeStrict(message.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 3) {
    throw new CoseError('cose/structure', 'not an array of three');
  }
  const [protectedBytes, unprotected, ciphertext] = parts as CborValue[];
  if (
    !(protectedBytes instanceof Uint8Array) ||
    !(unprotected instanceof Map) ||
    !(ciphertext instanceof Uint8Array)
  ) {
    throw new CoseError('cose/structure', 'a part has the wrong type');
  }
  if (!equalBytes(protectedBytes, PROTECTED)) {
    throw new CoseError(
      'cose/algorithm',
      'a protected header that says more or other than AES-CCM-16-64-128',
    );
  }
  const partial = Fields.of(unprotected, 'unprotected header').bytes(HEADER.partialIv);
  const isShortest = partial.length === 1 || (partial.length <= 3 && partial[0] !== 0);
  if (unprotected.size !== 1 || partial.length === 0 || !isShortest) {
    throw new CoseError('cose/structure', 'an unprotected header that is not one Partial IV of 1 to 3 bytes');
  }
  return { partial, ciphertext };
}

/** Big-endian without leading zeros, so that a number has one form; at least one byte. */
function shortest(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > MAX_PARTIAL_IV) {
    throw new RangeError(`${value} is no Partial IV`);
  }
  if (value < 0x100) return Uint8Array.of(value);
  return value < 0x1_0000
    ? Uint8Array.of(value >> 8, value & 0xff)
    : Uint8Array.of(value >> 16, (value >> 8) & 0xff, value & 0xff);
}

/** The Partial IV, padded on the left, into the common IV (RFC 9052 §3.1). */
function nonce(iv: Uint8Array, partial: Uint8Array): Uint8Array {
  const out = Uint8Array.from(iv);
  const start = NONCE_BYTES - partial.length;
  partial.forEach((byte, i) => {
    out[start + i] = (out[start + i] ?? 0) ^ byte;
  });
  return out;
}
