/** The proof that a record embeds, as its device saw it. What it is worth is computed, never read (SPEC.md, Evidence). */
import { entries, type CborMap, type Fields } from '../cbor/index.js';
import { toHex } from '../bytes.js';
import { CborError } from '../errors.js';
import { isId } from '../ids.js';

/** Shortest and longest UID of a tag: 4-byte MIFARE to 10-byte ISO 14443-3. */
const UID_BYTES = { least: 4, most: 10 } as const;
export const SUN_UID_BYTES = 7;
export const SUN_MAC_BYTES = 8;
export const PICC_DATA_BYTES = 16;
export const CHALLENGE_NONCE_BYTES = 16;

/** A tag that shows its number to anyone. */
export interface UidProof {
  readonly kind: 'uid';
  readonly uid: Uint8Array;
}

/** A tag's secure unique message, UID and counter in the clear (NTAG 424 DNA, SDM with plain mirroring). */
export interface SunProof {
  readonly kind: 'sun';
  readonly uid: Uint8Array;
  /** SDMReadCtr, 24 bits. */
  readonly counter: number;
  /** SDMMAC, truncated to 8 bytes. */
  readonly mac: Uint8Array;
}

/** The same with UID and counter encrypted, so that a stranger's phone learns neither. */
export interface EncryptedSunProof {
  readonly kind: 'encrypted-sun';
  /** PICCENCData, one AES block. */
  readonly piccData: Uint8Array;
  readonly mac: Uint8Array;
}

/** A band's COSE answer to the logging device's challenge. */
export interface AnswerProof {
  readonly kind: 'answer';
  /** COSE_Sign1 or COSE_Mac0 of purpose `answer`. */
  readonly message: Uint8Array;
}

/** The logging band itself answered: its seal is the proof, this names the challenge. */
export interface OwnProof {
  readonly kind: 'own';
  readonly nonce: Uint8Array;
  /** The device that challenged. */
  readonly challenger: string;
}

/** A proof of a later protocol: kept, worth nothing more than its record. */
export interface UnknownProof {
  readonly kind: 'unknown';
}

/** What a device of this version can log. */
export type KnownProof = UidProof | SunProof | EncryptedSunProof | AnswerProof | OwnProof;
export type Proof = KnownProof | UnknownProof;

/** `{1: uid}`, `{2: {1: uid, 2: counter, 3: mac}}`, `{3: {1: picc data, 2: mac}}`, `{4: message}` or `{5: {1: nonce, 2: challenger}}`. */
export function proofMap(proof: KnownProof): CborMap {
  switch (proof.kind) {
    case 'uid':
      return entries([1, proof.uid]);
    case 'sun':
      return entries([2, entries([1, proof.uid], [2, proof.counter], [3, proof.mac])]);
    case 'encrypted-sun':
      return entries([3, entries([1, proof.piccData], [2, proof.mac])]);
    case 'answer':
      return entries([4, proof.message]);
    case 'own':
      return entries([5, entries([1, proof.nonce], [2, proof.challenger])]);
  }
}

/** Reads a proof; the first known key counts. @throws CborError `cbor/shape` */
export function readProof(fields: Fields): Proof {
  if (fields.has(1)) {
    const uid = fields.bytes(1);
    if (uid.length < UID_BYTES.least || uid.length > UID_BYTES.most) {
      throw new CborError('cbor/shape', 'proof: a UID is 4 to 10 bytes', { field: 1 });
    }
    return { kind: 'uid', uid };
  }
  if (fields.has(2)) {
    const sun = fields.fields(2);
    const counter = sun.uint(2);
    if (counter > 0xff_ffff)
      throw new CborError('cbor/shape', 'proof: a tag counts to 24 bits', { field: 2 });
    return { kind: 'sun', uid: sun.bytes(1, SUN_UID_BYTES), counter, mac: sun.bytes(3, SUN_MAC_BYTES) };
  }
  if (fields.has(3)) {
    const sun = fields.fields(3);
    return {
      kind: 'encrypted-sun',
      piccData: sun.bytes(1, PICC_DATA_BYTES),
      mac: sun.bytes(2, SUN_MAC_BYTES),
    };
  }
  if (fields.has(4)) return { kind: 'answer', message: fields.bytes(4) };
  if (fields.has(5)) {
    const own = fields.fields(5);
    const challenger = own.text(2);
    if (!isId(challenger)) throw new CborError('cbor/shape', 'proof: the challenger is no id', { field: 2 });
    return { kind: 'own', nonce: own.bytes(1, CHALLENGE_NONCE_BYTES), challenger };
  }
  return { kind: 'unknown' };
}

/** The opaque id under which a tag's UID appears in events. */
export function tagId(uid: Uint8Array): string {
  return `tag-${toHex(uid)}`;
}
