/** cbor-x behind the guard: nothing from outside reaches the decoder unscanned. */
import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { CborError } from '../errors.js';
import { guard, LENIENT, STRICT } from './guard.js';

/** What our messages are made of. Maps keep their keys as numbers or text, never as object properties. */
export type CborValue = number | boolean | null | string | Uint8Array | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<number | string, CborValue>;

const options = {
  mapsAsObjects: false,
  useRecords: false,
  tagUint8Array: false,
  variableMapSize: true,
  int64AsNumber: true, // the guard has bounded them to 53 bits
} as const;
const encoder = new Encoder(options);
const decoder = new Decoder(options);

/** Decodes one item in deterministic form. @throws CborError */
export function decodeStrict(bytes: Uint8Array): CborValue {
  guard(bytes, STRICT);
  return decoder.decode(bytes) as CborValue;
}

/** Decodes one item as SMP servers send them. @throws CborError */
export function decodeLenient(bytes: Uint8Array): CborValue {
  guard(bytes, LENIENT);
  return decoder.decode(bytes) as CborValue;
}

/**
 * Encodes in deterministic form, given maps whose keys already ascend (see {@link entries}).
 * Integers keep to 32 bits: cbor-x would silently turn wider ones into floats.
 */
export function encode(value: CborValue): Uint8Array {
  return encoder.encode(value);
}

/** An integer whose head has at most 32 bits, or an error before it could become a float on the wire. */
function integer(value: number): number {
  if (!Number.isInteger(value) || value < -0x1_0000_0000 || value > 0xffff_ffff) {
    throw new CborError('cbor/integer-range', `${value} is not an integer of 32 bits`);
  }
  return value;
}

/**
 * A map with the given integer keys in the given order, leaving out what is undefined.
 * Callers list keys in the order of their encoding: unsigned ascending, then negative descending.
 * @throws CborError `cbor/integer-range` for a number that would not be an integer on the wire
 */
export function entries(...pairs: readonly (readonly [number, CborValue | undefined])[]): CborMap {
  const map = new Map<number, CborValue>();
  for (const [key, value] of pairs) {
    if (value !== undefined) map.set(key, typeof value === 'number' ? integer(value) : value);
  }
  return map;
}
