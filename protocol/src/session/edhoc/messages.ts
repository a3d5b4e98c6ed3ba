/** Formatting of EDHOC messages (RFC 9528 §3.3.2, §3.5.3, §3.8, §5, §6). Everything is a CBOR sequence. */
import { concat } from '../../bytes.js';
import {
  type CborMap,
  type CborValue,
  decodeSequence,
  decodeStrict,
  encode,
  encodeSequence,
  entries,
  type SequenceItem,
} from '../../cbor/index.js';
import { CborError, SessionError } from '../../errors.js';

/** A message with two certificates takes a tenth of this. It bounds the keystream of message_2, too. */
export const MAX_MESSAGE_BYTES = 4_096;
/** An ephemeral public key, of either curve. */
const PUBLIC_BYTES = 32;
const KID = 4;

/** Who signs and who authenticates by static Diffie-Hellman (RFC 9528 §3.2). */
export type Method = 0 | 1 | 2 | 3;

export interface Message1 {
  readonly method: number;
  /** SUITES_I: by preference, the last one is selected. */
  readonly suites: readonly number[];
  readonly gX: Uint8Array;
  readonly cI: Uint8Array;
}

/** PLAINTEXT_2 and PLAINTEXT_3, of which only the first names a connection. */
export interface Plaintext {
  /** C_R */
  readonly connection?: Uint8Array | undefined;
  /** ID_CRED_x: the encoded map, also where the message has its short form. */
  readonly idCred: Uint8Array;
  readonly signatureOrMac: Uint8Array;
  /** EAD_x, as encoded. */
  readonly ead: Uint8Array;
}

export function encodeMessage1({ method, suites, gX, cI }: Message1): Uint8Array {
  const [only, ...others] = suites;
  const offered = only !== undefined && others.length === 0 ? only : suites;
  return concat(encodeSequence(method, offered, gX), encodeIdentifier(cI));
}

/** @throws SessionError `session/message` */
export function decodeMessage1(bytes: Uint8Array): Message1 {
  const [method, suites, gX, cI, ...ead] = sequence(bytes, 'message_1');
  checkEad(ead);
  if (method === undefined || !isInteger(method.value)) throw malformed('METHOD is not an integer');
  if (gX === undefined || !(gX.value instanceof Uint8Array) || gX.value.length !== PUBLIC_BYTES) {
    throw malformed(`G_X is not ${PUBLIC_BYTES} bytes`);
  }
  return { method: method.value, suites: readSuites(suites?.value), gX: gX.value, cI: readIdentifier(cI) };
}

export function encodeMessage2(gY: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return encode(concat(gY, ciphertext));
}

/** @throws SessionError `session/message`, and what {@link decodeMessage} throws */
export function decodeMessage2(bytes: Uint8Array): {
  readonly gY: Uint8Array;
  readonly ciphertext: Uint8Array;
} {
  const content = decodeMessage(bytes, 'message_2');
  if (content.length <= PUBLIC_BYTES) throw malformed('message_2 is too short');
  return { gY: content.subarray(0, PUBLIC_BYTES), ciphertext: content.subarray(PUBLIC_BYTES) };
}

/**
 * The one byte string that message_2, 3 and 4 are.
 * @throws SessionError `session/message`; for an error message in its place `session/suite`, `session/closed`
 */
export function decodeMessage(bytes: Uint8Array, name: string): Uint8Array {
  const items = sequence(bytes, name);
  const [content] = items;
  if (content !== undefined && isInteger(content.value)) throw readError(content.value, items[1]?.value);
  if (items.length !== 1 || !(content?.value instanceof Uint8Array))
    throw malformed(`${name} is not one byte string`);
  return content.value;
}

export function encodePlaintext({ connection, idCred, signatureOrMac, ead }: Plaintext): Uint8Array {
  const start = connection === undefined ? new Uint8Array() : encodeIdentifier(connection);
  return concat(start, shortened(idCred), encode(signatureOrMac), ead);
}

/** @throws SessionError `session/message` */
export function decodePlaintext2(bytes: Uint8Array): Plaintext & { readonly connection: Uint8Array } {
  const [connection, ...rest] = sequence(bytes, 'PLAINTEXT_2');
  return { ...readPlaintext(rest), connection: readIdentifier(connection) };
}

/** @throws SessionError `session/message` */
export function decodePlaintext3(bytes: Uint8Array): Plaintext {
  return readPlaintext(sequence(bytes, 'PLAINTEXT_3'));
}

/** PLAINTEXT_4 is authorization data or nothing. @throws SessionError `session/message` */
export function checkPlaintext4(bytes: Uint8Array): void {
  checkEad(sequence(bytes, 'PLAINTEXT_4'));
}

function readPlaintext([idCred, proof, ...ead]: readonly SequenceItem[]): Plaintext {
  if (!(proof?.value instanceof Uint8Array)) throw malformed('Signature_or_MAC is not a byte string');
  checkEad(ead);
  return {
    idCred: readIdCred(idCred),
    signatureOrMac: proof.value,
    ead: concat(...ead.map((item) => item.bytes)),
  };
}

/** ID_CRED_x in the message: a lone `kid` goes without its map (RFC 9528 §3.5.3.2). */
function shortened(idCred: Uint8Array): Uint8Array {
  const kid = loneKid(decodeStrict(idCred));
  return kid === undefined ? idCred : encodeIdentifier(kid);
}

function readIdCred(item: SequenceItem | undefined): Uint8Array {
  if (item?.value instanceof Map) {
    if (loneKid(item.value) !== undefined) throw malformed('a lone kid in a map');
    return item.bytes;
  }
  return encode(entries([KID, readIdentifier(item)]));
}

function loneKid(value: CborValue): Uint8Array | undefined {
  if (!(value instanceof Map)) return undefined;
  const map = value as CborMap;
  const kid = map.get(KID);
  return map.size === 1 && kid instanceof Uint8Array ? kid : undefined;
}

/** Byte strings that are the encoding of a one-byte integer go as that integer (RFC 9528 §3.3.2). */
export function encodeIdentifier(identifier: Uint8Array): Uint8Array {
  return isOneByteInteger(identifier) ? identifier : encode(identifier);
}

function readIdentifier(item: SequenceItem | undefined): Uint8Array {
  if (item !== undefined) {
    if (item.value instanceof Uint8Array && !isOneByteInteger(item.value)) return item.value;
    if (isOneByteInteger(item.bytes)) return item.bytes;
  }
  throw malformed('an identifier is neither a byte string nor one of the integers that stand for one');
}

/** The encodings of 0 to 23 and -1 to -24. */
function isOneByteInteger(bytes: Uint8Array): boolean {
  const [first = 0xff] = bytes;
  return bytes.length === 1 && (first <= 0x17 || (first >= 0x20 && first <= 0x37));
}

function readSuites(value: CborValue | undefined): readonly number[] {
  if (isInteger(value)) return [value];
  if (!Array.isArray(value) || value.length < 2 || !value.every(isInteger)) {
    throw malformed('SUITES is neither an integer nor an array of two or more');
  }
  return value;
}

/** Nothing is agreed on, so what is critical (a negative label) cannot be processed (RFC 9528 §3.8). */
function checkEad(items: readonly SequenceItem[]): void {
  let labelled = false;
  for (const { value } of items) {
    if (isInteger(value) && value >= 0) labelled = true;
    else if (value instanceof Uint8Array && labelled) labelled = false;
    else throw malformed('authorization data that is critical, or none at all');
  }
}

/**
 * What is sent in the place of a message when processing failed (RFC 9528 §6).
 * @param suites SUITES_R, with a responder's `session/suite`
 */
export function encodeError(error: SessionError, suites: readonly number[] = []): Uint8Array {
  const [only, ...others] = suites;
  if (error.code !== 'session/suite' || only === undefined) return encodeSequence(1, error.code);
  return encodeSequence(2, others.length === 0 ? only : suites);
}

/** SUITES_R of an error that names them. */
export class SuitesError extends SessionError {
  constructor(readonly suites: readonly number[]) {
    super('session/suite', `the other side supports the cipher suites ${suites.join()} only`);
  }
}

function readError(code: number, info: CborValue | undefined): SessionError {
  if (code === 2) return new SuitesError(readSuites(info));
  const text = typeof info === 'string' ? info.slice(0, 80) : '';
  return new SessionError('session/closed', `the other side gave up with error ${code} ${text}`, {
    error: code,
  });
}

function sequence(bytes: Uint8Array, name: string): readonly SequenceItem[] {
  if (bytes.length > MAX_MESSAGE_BYTES) throw malformed(`${name} is longer than ${MAX_MESSAGE_BYTES} bytes`);
  try {
    return decodeSequence(bytes);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new SessionError('session/message', `${name}: ${error.message}`, { cause: error.code });
  }
}

function isInteger(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function malformed(message: string): SessionError {
  return new SessionError('session/message', message);
}
