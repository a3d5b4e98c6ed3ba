/** Says what any bytes of ours are, and what is wrong with them: the one place that tries them all. */
import {
  type CborMap,
  type CborValue,
  decodeLenient,
  decodeStrict,
  Deframer,
  eventJson,
  isReceiptText,
  REGISTER_HEADER,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { align, annotate, annotateFrame, coseLabel } from '@timeband/protocol/cbor-text';
import { decodeCertificate, decodeCoseBytes } from './cose.js';
import { decodeMessage, decodePortable, eventFinding } from './event.js';
import { bad, type Finding, good, unjudged, type Judgement } from './finding.js';
import { guarded } from './guarded.js';
import type { Input } from './input.js';
import { decodePacketBytes, looksLikePacket } from './packet.js';
import { inWords, plain } from './plain.js';
import { type AdvertContext, decodeAdvertBytes } from './radio.js';
import { decodeRecordBytes } from './record.js';
import { type Given, Signers } from './signers.js';

export interface DecodeOptions extends Given, AdvertContext {}

/** Entries of a register that are shown. */
const MAX_ENTRIES = 10_000;

/** Decodes what a person gave. @throws CertificateError for an issuer that is none */
export function decodeInput(input: Exclude<Input, { form: 'unreadable' }>, options: DecodeOptions): Finding {
  const signers = new Signers(options);
  if ('bytes' in input) return identify(input.bytes, signers, options);
  return input.form === 'register'
    ? decodeRegister(input.text, signers)
    : decodeJson(input.text, signers, options);
}

/** Decodes bytes. @throws CertificateError for an issuer that is none */
export function decodeBytes(bytes: Uint8Array, options: DecodeOptions): Finding {
  return identify(bytes, new Signers(options), options);
}

function identify(bytes: Uint8Array, signers: Signers, context: AdvertContext): Finding {
  if (startsWith(bytes, 'btsnoop\0'))
    return named(bytes, 'capture of Bluetooth traffic (btsnoop)', 'bandctl trace FILE decodes it');
  if (startsWith(bytes, '\x3d\xb8\xf3\x96'))
    return named(bytes, 'MCUboot image', 'bandctl image info FILE shows it');
  const [first = 0, second = 0] = bytes;
  if ((first === 0x06 && second === 0x09) || (first === 0x04 && second === 0x14))
    return decodeFrames(bytes, signers, context);
  if (first === 0xd8 && second === 0x3d) return decodeCertificate(bytes, signers);
  if (first === 0xd2 || first === 0xd1) return decodeCoseBytes(bytes, signers);
  if (first === 0xd0) return encrypted(bytes);
  if (looksLikePacket(bytes)) return withParts(decodePacketBytes(bytes), bytes, signers);
  if (first === 0x02 && second === 0x01 && bytes.length <= 31) return decodeAdvertBytes(bytes, context);
  const structure = decodeStructure(bytes, signers);
  if (structure !== undefined) return structure;
  return holdsFrame(bytes) ? decodeFrames(bytes, signers, context) : unknown(bytes);
}

/** CBOR of ours that has no tag to be known by. */
function decodeStructure(bytes: Uint8Array, signers: Signers): Finding | undefined {
  const value = lenient(bytes);
  if (value === undefined) return undefined;
  if (Array.isArray(value)) {
    const parts = value as readonly CborValue[];
    if (parts[0] === 'tb-receipt') return decodePortable(bytes, parts, signers);
    if (parts.length === 2 && parts.every((part) => part instanceof Uint8Array))
      return decodeMessage(bytes, parts, signers);
    if (parts[0] === 'tb-renewal') return renewal(bytes, parts, signers);
  }
  if (value instanceof Map) {
    const keys = [...value.keys()];
    const has = (...wanted: readonly number[]): boolean => wanted.every((key) => keys.includes(key));
    if (has(1, 2, 3, 4, 5, 8, 9) && value.get(9) instanceof Map)
      return guarded('record', bytes, decodeRecordBytes);
    if (has(1, 2, 3, 4, 5, 6, 7, 8, 11)) return guarded('event', bytes, eventFinding);
  }
  return {
    ...{ what: 'CBOR', bytes: bytes.length, says: 'well-formed, and nothing that is known by its shape' },
    verdicts: [strictly(bytes)],
    lines: annotate(bytes),
    value: plain(value),
    parts: [],
  };
}

function renewal(
  bytes: Uint8Array,
  [, , , certificate, proof]: readonly CborValue[],
  signers: Signers,
): Finding {
  const certified = certificate instanceof Uint8Array ? [decodeCertificate(certificate, signers)] : [];
  const proven = proof instanceof Uint8Array ? [decodeCoseBytes(proof, signers)] : [];
  return {
    ...{ what: 'request for renewal', bytes: bytes.length, says: '', lines: annotate(bytes) },
    verdicts: [strictly(bytes)],
    parts: [...certified, ...proven],
  };
}

/** What is on a serial line: frames, and a console's words between them. */
function decodeFrames(bytes: Uint8Array, signers: Signers, context: AdvertContext): Finding {
  const parts: Finding[] = [];
  const verdicts: Judgement[] = [];
  const deframer = new Deframer({
    packet: (packet) => parts.push(identify(packet, signers, context)),
    fault: (error) => verdicts.push(bad(error)),
  });
  deframer.push(bytes);
  const isCut = parts.length === 0 && verdicts.length === 0;
  if (isCut)
    verdicts.push(bad({ code: 'frame/truncated', message: 'the packet is not whole: lines are missing' }));
  const { discarded } = deframer;
  const beside = discarded === 0 ? '' : `, ${discarded} bytes that belong to none`;
  return {
    ...{ what: 'serial line', bytes: bytes.length, lines: annotateFrame(bytes), parts },
    says: `${parts.length} packet${parts.length === 1 ? '' : 's'}${beside}`,
    verdicts: verdicts.length === 0 ? [good('length and CRC are right')] : verdicts,
  };
}

function holdsFrame(bytes: Uint8Array): boolean {
  return bytes.some((byte, i) => byte === 0x06 && bytes[i + 1] === 0x09);
}

/** COSE and records inside a packet are judged by themselves as well. */
function withParts(finding: Finding, bytes: Uint8Array, signers: Signers): Finding {
  const body = lenient(bytes.subarray(8));
  const values = body instanceof Map ? [...(body as CborMap).values()] : [];
  const inside = values.flatMap((value) => (Array.isArray(value) ? (value as CborValue[]) : [value]));
  const parts = inside
    .filter((value) => value instanceof Uint8Array)
    .flatMap((value) => {
      const [first = 0] = value;
      if (first === 0xd8) return [decodeCertificate(value, signers)];
      if (first === 0xd1 || first === 0xd2) return [decodeCoseBytes(value, signers)];
      const inner = first >> 5 === 5 ? decodeStructure(value, signers) : undefined;
      return inner === undefined || inner.what === 'CBOR' ? [] : [inner];
    });
  return { ...finding, parts };
}

function encrypted(bytes: Uint8Array): Finding {
  return {
    ...{ what: 'COSE_Encrypt0', bytes: bytes.length, says: 'encrypted in a session', parts: [] },
    verdicts: [unjudged('only the two ends of the session can read it')],
    lines: annotate(bytes, coseLabel()),
  };
}

function decodeRegister(text: string, signers: Signers): Finding {
  const [header = '', ...lines] = text.split('\n');
  const entries = lines.filter((line) => line !== '').slice(0, MAX_ENTRIES);
  const bytes = entries.map((line) => Uint8Array.from(Buffer.from(line, 'base64url')));
  const isHeader = header === REGISTER_HEADER;
  return {
    ...{ what: 'register', bytes: Buffer.byteLength(text), says: `${entries.length} entries`, lines: [] },
    verdicts: [
      isHeader
        ? good(header)
        : bad({ code: 'register/shape', message: `its first line is not "${REGISTER_HEADER}"` }),
      unjudged('whether its entries follow each other: bandctl register checks that'),
    ],
    parts: bytes.map((entry) => decodeCoseBytes(entry, signers)),
  };
}

/** What travels on MQTT as JSON: of an event's twin, the event. */
function decodeJson(text: string, signers: Signers, context: AdvertContext): Finding {
  const base = { bytes: Buffer.byteLength(text), lines: [], parts: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...base, what: 'JSON', says: '', verdicts: [bad({ code: 'cbor/shape', message })] };
  }
  const cose = coseIn(value);
  if (cose === undefined)
    return {
      ...base,
      what: 'JSON',
      says: inWords(value),
      verdicts: [unjudged('JSON is signed by nobody')],
      value,
    };
  const message = Uint8Array.from(Buffer.from(cose, 'base64'));
  return {
    ...{ ...base, what: 'JSON twin of an event', says: 'the event itself is inside, in data.cose', value },
    verdicts: [twinVerdict(message, value)],
    parts: [identify(message, signers, context)],
  };
}

function twinVerdict(message: Uint8Array, value: unknown): Judgement {
  try {
    const made: unknown = JSON.parse(eventJson(message));
    return JSON.stringify(made) === JSON.stringify(value)
      ? good('says what its event says')
      : bad({ code: 'event/shape', message: 'says something else than the event inside: believe the event' });
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return bad(error);
  }
}

function coseIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('data' in value)) return undefined;
  const { data } = value;
  if (typeof data !== 'object' || data === null || !('cose' in data)) return undefined;
  return typeof data.cose === 'string' ? data.cose : undefined;
}

function unknown(bytes: Uint8Array): Finding {
  const text = new TextDecoder('latin1').decode(bytes);
  const hint = isReceiptText(text) ? 'the text of a receipt' : 'nothing that is known';
  const isSealed = bytes.length === 10 ? '. An advert’s 10 bytes alone say nothing: give all 31' : '';
  const verdict = lenientProblem(bytes);
  return {
    ...{ what: 'bytes', bytes: bytes.length, says: `${hint}${isSealed}`, parts: [] },
    verdicts: [bad(verdict)],
    lines: annotate(bytes),
  };
}

function named(bytes: Uint8Array, what: string, says: string): Finding {
  const lines = align([
    { hex: toHex(bytes.subarray(0, 16)), comment: `the first 16 of ${bytes.length} bytes` },
  ]);
  return { what, bytes: bytes.length, says, verdicts: [], lines, parts: [] };
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Array.from(magic).every((character, i) => bytes[i] === character.charCodeAt(0));
}

function strictly(bytes: Uint8Array): Judgement {
  try {
    decodeStrict(bytes);
    return good('deterministic, as whatever is signed has to be');
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { ...bad(error), holds: undefined, says: `not as what is signed has to be: ${error.message}` };
  }
}

function lenient(bytes: Uint8Array): CborValue | undefined {
  try {
    return decodeLenient(bytes);
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}

function lenientProblem(bytes: Uint8Array): { readonly code: string; readonly message: string } {
  try {
    decodeLenient(bytes);
    return { code: 'cbor/shape', message: 'it is none of ours' };
  } catch (error) {
    if (error instanceof TimebandError) return { code: error.code, message: `no CBOR: ${error.message}` };
    throw error;
  }
}
