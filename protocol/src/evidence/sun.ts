/**
 * Tier 1: the secure unique message of an NTAG 424 DNA tag (NXP AN12196 §3.3, §3.4; NT4H2421Gx §9.3), with UID and
 * read counter mirrored and an empty MAC input (SPEC.md, Tags that count).
 */
import { concat } from '../bytes.js';
import { aesCbcDecrypt, aesCbcEncrypt, aesCmac, equalSecret } from '../crypto/index.js';
import { EvidenceError } from '../errors.js';
import { SUN_MAC_BYTES, SUN_UID_BYTES, type EncryptedSunProof, type SunProof } from './proof.js';

/** Bytes of the tag's AES-128 keys. */
export const TAG_KEY_BYTES = 16;

/** What a tag says of itself with each tap. */
export interface TagReading {
  readonly uid: Uint8Array;
  /** SDMReadCtr: the taps of the tag's life, 24 bits. */
  readonly counter: number;
}

/** SV2 up to the mirrored data: label, counter and length of the derived key (AN12196 §3.3). */
const SESSION_MAC_LABEL = Uint8Array.of(0x3c, 0xc3, 0x00, 0x01, 0x00, 0x80);
/** PICCDataTag of a tag that mirrors both its UID of 7 bytes and its counter (AN12196 §3.4.2.1). */
const UID_AND_COUNTER = 0xc7;
const ZERO_IV = new Uint8Array(16);

/**
 * The SDMMAC that a tag makes with its file-read key (16 bytes): 8 bytes.
 * `input` is what the file holds between SDMMACInputOffset and SDMMACOffset; nothing in this protocol's profile.
 */
export function sdmMac(
  fileReadKey: Uint8Array,
  { uid, counter }: TagReading,
  input: Uint8Array = new Uint8Array(),
): Uint8Array {
  const sessionKey = aesCmac(fileReadKey, concat(SESSION_MAC_LABEL, uid, counterBytes(counter)));
  return aesCmac(sessionKey, input).filter((_, index) => index % 2 === 1);
}

/** What a genuine tag shows in the clear. */
export function makeSun(fileReadKey: Uint8Array, reading: TagReading): SunProof {
  return { kind: 'sun', ...reading, mac: sdmMac(fileReadKey, reading) };
}

/** What a genuine tag shows when it encrypts UID and counter. `padding` is 5 random bytes. */
export function makeEncryptedSun(
  fileReadKey: Uint8Array,
  metaReadKey: Uint8Array,
  reading: TagReading,
  padding: Uint8Array,
): EncryptedSunProof {
  const plain = concat(Uint8Array.of(UID_AND_COUNTER), reading.uid, counterBytes(reading.counter), padding);
  return {
    kind: 'encrypted-sun',
    piccData: aesCbcEncrypt(metaReadKey, ZERO_IV, plain),
    mac: sdmMac(fileReadKey, reading),
  };
}

/** Decrypts UID and counter; nothing is proven by that alone. @throws EvidenceError `evidence/proof` for another key */
export function openPiccData(metaReadKey: Uint8Array, piccData: Uint8Array): TagReading {
  const plain = aesCbcDecrypt(metaReadKey, ZERO_IV, piccData);
  if (plain[0] !== UID_AND_COUNTER) {
    throw new EvidenceError('evidence/proof', 'PICC data that is not of the site’s tags');
  }
  const [low = 0, middle = 0, high = 0] = plain.subarray(1 + SUN_UID_BYTES);
  return { uid: plain.slice(1, 1 + SUN_UID_BYTES), counter: low | (middle << 8) | (high << 16) };
}

/** Checks a tag's MAC in constant time. @throws EvidenceError `evidence/proof` */
export function verifySdmMac(fileReadKey: Uint8Array, reading: TagReading, mac: Uint8Array): void {
  if (mac.length !== SUN_MAC_BYTES || !equalSecret(sdmMac(fileReadKey, reading), mac)) {
    throw new EvidenceError('evidence/proof', 'the tag’s MAC does not hold', { counter: reading.counter });
  }
}

/** Least significant byte first, as the tag reckons with it. */
function counterBytes(counter: number): Uint8Array {
  return Uint8Array.of(counter & 0xff, (counter >> 8) & 0xff, (counter >> 16) & 0xff);
}
