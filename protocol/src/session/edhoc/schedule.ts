/** Transcript hashes and the key schedule of EDHOC with SHA-256 (RFC 9528 §4, §5.3.2, §5.4.2). */
import { concat } from '../../bytes.js';
import { encode, encodeSequence } from '../../cbor/index.js';
import { encryptionInput } from '../../cose/index.js';
import { hkdfExpand, hkdfExtract, sha256 } from '../../crypto/index.js';

const HASH_BYTES = 32;
const KEY_BYTES = 16;
const IV_BYTES = 13;
const NOTHING = new Uint8Array();

/** `info_label` of every derivation (RFC 9528 §4.1.2, H). */
const LABEL = {
  keystream2: 0,
  salt3e2m: 1,
  mac2: 2,
  k3: 3,
  iv3: 4,
  salt4e3m: 5,
  mac3: 6,
  prkOut: 7,
  k4: 8,
  iv4: 9,
  prkExporter: 10,
  keyUpdate: 11,
} as const;

/** `info`, a CBOR sequence. */
export function kdfInfo(label: number, context: Uint8Array, length: number): Uint8Array {
  return encodeSequence(label, context, length);
}

/** EDHOC_KDF (RFC 9528 §4.1.2). At most 8,160 bytes. */
export function kdf(prk: Uint8Array, label: number, context: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(prk, kdfInfo(label, context, length), length);
}

/** `TH_2 = H(G_Y, H(message_1))` */
export function transcript2(gY: Uint8Array, message1: Uint8Array): Uint8Array {
  return sha256(encodeSequence(gY, sha256(message1)));
}

/** `TH_3 = H(TH_2, PLAINTEXT_2, CRED_R)`, and likewise TH_4 one step on. Both parts are CBOR already. */
export function transcriptNext(previous: Uint8Array, plaintext: Uint8Array, cred: Uint8Array): Uint8Array {
  return sha256(concat(encode(previous), plaintext, cred));
}

export function prk2e(th2: Uint8Array, gXY: Uint8Array): Uint8Array {
  return hkdfExtract(th2, gXY);
}

/** `gRX` where the responder authenticates by static Diffie-Hellman. */
export function prk3e2m(prk2: Uint8Array, th2: Uint8Array, gRX?: Uint8Array): Uint8Array {
  return gRX === undefined ? prk2 : hkdfExtract(kdf(prk2, LABEL.salt3e2m, th2, HASH_BYTES), gRX);
}

/** `gIY` where the initiator authenticates by static Diffie-Hellman. */
export function prk4e3m(prk3: Uint8Array, th3: Uint8Array, gIY?: Uint8Array): Uint8Array {
  return gIY === undefined ? prk3 : hkdfExtract(kdf(prk3, LABEL.salt4e3m, th3, HASH_BYTES), gIY);
}

export function keystream2(prk2: Uint8Array, th2: Uint8Array, length: number): Uint8Array {
  return kdf(prk2, LABEL.keystream2, th2, length);
}

export function mac2(prk3: Uint8Array, context: Uint8Array, length: number): Uint8Array {
  return kdf(prk3, LABEL.mac2, context, length);
}

export function mac3(prk4: Uint8Array, context: Uint8Array, length: number): Uint8Array {
  return kdf(prk4, LABEL.mac3, context, length);
}

/** Key, nonce and associated data of one of the encrypted messages. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly aad: Uint8Array;
}

export function messageKey3(prk3: Uint8Array, th3: Uint8Array): MessageKey {
  return messageKey(prk3, th3, LABEL.k3, LABEL.iv3);
}

export function messageKey4(prk4: Uint8Array, th4: Uint8Array): MessageKey {
  return messageKey(prk4, th4, LABEL.k4, LABEL.iv4);
}

function messageKey(prk: Uint8Array, th: Uint8Array, keyLabel: number, ivLabel: number): MessageKey {
  return {
    key: kdf(prk, keyLabel, th, KEY_BYTES),
    iv: kdf(prk, ivLabel, th, IV_BYTES),
    aad: encryptionInput(NOTHING, th),
  };
}

export function prkOut(prk4: Uint8Array, th4: Uint8Array): Uint8Array {
  return kdf(prk4, LABEL.prkOut, th4, HASH_BYTES);
}

export function prkExporter(out: Uint8Array): Uint8Array {
  return kdf(out, LABEL.prkExporter, NOTHING, HASH_BYTES);
}

/** EDHOC_KeyUpdate (RFC 9528, Appendix H): the next PRK_out. */
export function updatedPrkOut(out: Uint8Array, context: Uint8Array): Uint8Array {
  return kdf(out, LABEL.keyUpdate, context, HASH_BYTES);
}

/** Keys of an application: the same label, context and length give the same bytes on both sides. */
export type Exporter = (label: number, context: Uint8Array, length: number) => Uint8Array;

/** EDHOC_Exporter (RFC 9528 §4.2.1). */
export function exporter(out: Uint8Array): Exporter {
  const prk = prkExporter(out);
  return (label, context, length) => kdf(prk, label, context, length);
}
