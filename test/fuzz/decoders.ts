/** Every decoder that needs nothing but bytes: each input goes through all of them, whatever it was made from. Names are the functions'. */
import {
  type CborValue,
  decodeCose,
  decodeEvent,
  decodeLenient,
  decodePacket,
  decodeReceipt,
  decodeRecord,
  decodeSequence,
  decodeStrict,
  Deframer,
  encode,
  equalBytes,
  fromBase45,
  fromCoseKey,
  Fields,
  parseSunUrl,
  readBody,
} from '@timeband/protocol';

const MAX_TEXT = 1_024;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, MAX_TEXT));

export const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  decodeStrict: canonical,
  'decodeStrict, behind a tag': (bytes) => canonical(bytes.subarray(1)),
  decodeLenient,
  decodeSequence,
  decodeCose,
  fromCoseKey: (bytes) => fromCoseKey(Fields.of(decodeStrict(bytes), 'key')),
  readBody: (bytes) => {
    const { kind, body } = decodeRecord(bytes);
    return readBody(kind, body);
  },
  decodeEvent,
  decodeReceipt,
  decodePacket,
  Deframer: (bytes) => {
    const deframer = new Deframer({ packet: () => undefined, fault: () => undefined });
    deframer.push(bytes);
    return deframer.discarded;
  },
  fromBase45: (bytes) => fromBase45(text(bytes)),
  parseSunUrl: (bytes) => parseSunUrl(text(bytes)),
};

/** A value has one encoding: another that the strict decoder takes as well would give one thing two hashes. */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
}

function canonical(bytes: Uint8Array): CborValue {
  const value = decodeStrict(bytes);
  if (!equalBytes(encode(value), bytes)) {
    throw new NotCanonicalError('the strict decoder took what does not encode to the same bytes');
  }
  return value;
}
