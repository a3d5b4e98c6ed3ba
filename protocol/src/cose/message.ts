/**
 * COSE_Sign1 and COSE_Mac0 (RFC 9052 §4.2, §6.2) in one narrow profile: the tag is always there, `alg` and
 * `kid` stand in the protected header, and nothing else has an effect on what verifies.
 */
import { decodeStrict, encode, entries, type CborMap, type CborValue, Fields } from '../cbor/index.js';
import {
  ALG,
  equalSecret,
  hmac256,
  type PrivateKey,
  type PublicKey,
  SIGNATURE_BYTES,
} from '../crypto/index.js';
import { CoseError } from '../errors.js';
import { equalBytes } from '../bytes.js';
import { KID_BYTES, keyId } from './key.js';

const TAG_SIGN1 = 0xd2; // tag 18
const TAG_MAC0 = 0xd1; // tag 17
const MAC_BYTES = 32;

/** Header parameters (RFC 9052 §3.1). */
const HEADER = { alg: 1, crit: 2, kid: 4 } as const;

/** A COSE message taken apart, not yet verified. */
export interface CoseMessage {
  readonly tag: 'sign1' | 'mac0';
  readonly algorithm: number;
  readonly kid: Uint8Array;
  readonly protectedBytes: Uint8Array;
  readonly protectedHeader: Fields;
  readonly unprotected: CborMap;
  /** Absent when the payload travels elsewhere (detached). */
  readonly payload: Uint8Array | undefined;
  /** Signature or MAC. */
  readonly proof: Uint8Array;
}

/** Takes a tagged COSE_Sign1 or COSE_Mac0 apart. @throws CborError, CoseError */
export function decodeCose(bytes: Uint8Array): CoseMessage {
  const tag = bytes[0] === TAG_SIGN1 ? 'sign1' : bytes[0] === TAG_MAC0 ? 'mac0' : undefined;
  if (tag === undefined)
    throw new CoseError('cose/structure', 'neither COSE_Sign1 nor COSE_Mac0 with its tag');
  const parts = decodeStrict(bytes.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4)
    throw new CoseError('cose/structure', 'not an array of four');
  const [protectedBytes, unprotected, payload, proof] = parts as CborValue[];
  if (
    !(protectedBytes instanceof Uint8Array) ||
    !(proof instanceof Uint8Array) ||
    !(unprotected instanceof Map)
  ) {
    throw new CoseError('cose/structure', 'a part has the wrong type');
  }
  if (payload !== null && !(payload instanceof Uint8Array)) {
    throw new CoseError('cose/structure', 'the payload is neither bytes nor detached');
  }
  const protectedHeader = Fields.of(decodeStrict(protectedBytes), 'protected header');
  if (protectedHeader.has(HEADER.crit)) {
    throw new CoseError('cose/structure', 'critical parameters, of which this profile knows none');
  }
  return {
    tag,
    algorithm: protectedHeader.int(HEADER.alg),
    kid: protectedHeader.bytes(HEADER.kid, KID_BYTES),
    protectedBytes,
    protectedHeader,
    unprotected: unprotected as CborMap,
    payload: payload ?? undefined,
    proof,
  };
}

/** What is signed: `Sig_structure` (RFC 9052 §4.4). */
function signatureInput(protectedBytes: Uint8Array, aad: Uint8Array, payload: Uint8Array): Uint8Array {
  return encode(['Signature1', protectedBytes, aad, payload]);
}

/** What is authenticated: `MAC_structure` (RFC 9052 §6.3). */
function macInput(protectedBytes: Uint8Array, aad: Uint8Array, payload: Uint8Array): Uint8Array {
  return encode(['MAC0', protectedBytes, aad, payload]);
}

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 1);
  out[0] = tag;
  out.set(body, 1);
  return out;
}

export interface SignOptions {
  /** Protected parameters after `alg` and `kid`, keys above 4. */
  readonly protectedExtra?: readonly (readonly [number, CborValue])[];
  readonly unprotected?: CborMap;
  /** Leave the payload out of the message. */
  readonly detached?: boolean;
}

/** Signs a payload as a tagged COSE_Sign1. */
export function sign1(
  key: PrivateKey,
  aad: Uint8Array,
  payload: Uint8Array,
  options: SignOptions = {},
): Uint8Array {
  const protectedBytes = encode(
    entries(
      [HEADER.alg, key.algorithm],
      [HEADER.kid, keyId(key.publicKey)],
      ...(options.protectedExtra ?? []),
    ),
  );
  const signature = key.sign(signatureInput(protectedBytes, aad, payload));
  const content = options.detached === true ? null : payload;
  return tagged(TAG_SIGN1, encode([protectedBytes, options.unprotected ?? new Map(), content, signature]));
}

/**
 * Verifies a COSE_Sign1 under the one algorithm of the key it is checked against.
 * `detached` is the payload when the message does not carry it.
 *
 * @returns the payload that was signed
 * @throws CoseError
 */
export function verifySign1(
  message: CoseMessage,
  key: PublicKey,
  aad: Uint8Array,
  detached?: Uint8Array,
): Uint8Array {
  if (message.tag !== 'sign1') throw new CoseError('cose/structure', 'a MAC where a signature is required');
  if (message.algorithm !== key.algorithm) {
    throw new CoseError('cose/algorithm', 'not the algorithm of the key', { algorithm: message.algorithm });
  }
  const payload = payloadOf(message, detached);
  if (!equalBytes(message.kid, keyId(key))) throw new CoseError('cose/kid', 'signed by another key');
  if (message.proof.length !== SIGNATURE_BYTES)
    throw new CoseError('cose/signature', 'a signature of the wrong length');
  if (!key.verify(signatureInput(message.protectedBytes, aad, payload), message.proof)) {
    throw new CoseError('cose/signature', 'the signature does not verify');
  }
  return payload;
}

/** Authenticates a payload as a tagged COSE_Mac0 with HMAC 256/256. `kid` is 8 bytes. */
export function mac0(
  secret: Uint8Array,
  kid: Uint8Array,
  aad: Uint8Array,
  payload: Uint8Array,
  { detached = false }: Pick<SignOptions, 'detached'> = {},
): Uint8Array {
  const protectedBytes = encode(entries([HEADER.alg, ALG.HMAC256], [HEADER.kid, kid]));
  const tag = hmac256(secret, macInput(protectedBytes, aad, payload));
  return tagged(TAG_MAC0, encode([protectedBytes, new Map(), detached ? null : payload, tag]));
}

/**
 * Verifies a COSE_Mac0 in constant time. `detached` is the payload when the message does not carry it.
 *
 * @returns the payload @throws CoseError
 */
export function verifyMac0(
  message: CoseMessage,
  secret: Uint8Array,
  kid: Uint8Array,
  aad: Uint8Array,
  detached?: Uint8Array,
): Uint8Array {
  if (message.tag !== 'mac0') throw new CoseError('cose/structure', 'a signature where a MAC is required');
  if (message.algorithm !== ALG.HMAC256) {
    throw new CoseError('cose/algorithm', 'not HMAC 256/256', { algorithm: message.algorithm });
  }
  const payload = payloadOf(message, detached);
  if (!equalBytes(message.kid, kid)) throw new CoseError('cose/kid', 'made with another key');
  if (message.proof.length !== MAC_BYTES) throw new CoseError('cose/proof', 'a MAC of the wrong length');
  if (!equalSecret(hmac256(secret, macInput(message.protectedBytes, aad, payload)), message.proof)) {
    throw new CoseError('cose/proof', 'the MAC does not verify');
  }
  return payload;
}

/** The payload from where it has to be. Unprotected parameters travel only beside a detached payload (receipts). */
function payloadOf(message: CoseMessage, detached: Uint8Array | undefined): Uint8Array {
  if ((message.payload === undefined) !== (detached !== undefined)) {
    throw new CoseError('cose/structure', 'the payload is not where it has to be');
  }
  if (message.payload !== undefined && message.unprotected.size > 0) {
    throw new CoseError('cose/structure', 'unprotected parameters where none are allowed');
  }
  return message.payload ?? detached ?? new Uint8Array();
}
