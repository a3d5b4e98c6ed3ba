/** CBOR values to bytes and back (RFC 8949): the deterministic form for what is ours, a lenient one for SMP answers. */
import { LENIENT, type Profile, STRICT } from './profile.js';
import { Reader } from './reader.js';
import type { CborMap, CborValue } from './value.js';
import { Writer } from './writer.js';

const writer = new Writer();

/** Decodes one item in deterministic form. Byte strings are views of `bytes`. @throws CborError */
export function decodeStrict(bytes: Uint8Array): CborValue {
  return decode(bytes, STRICT);
}

/** Decodes one item as SMP servers send them. Byte strings are views of `bytes`. @throws CborError */
export function decodeLenient(bytes: Uint8Array): CborValue {
  return decode(bytes, LENIENT);
}

function decode(bytes: Uint8Array, profile: Profile): CborValue {
  const reader = new Reader(bytes, profile);
  const value = reader.read();
  reader.end();
  return value;
}

/**
 * Encodes in deterministic form, given maps whose keys ascend in the order of their encoding (see {@link entries}).
 * @throws CborError `cbor/integer-range`, `cbor/key-order`, `cbor/utf8`, `cbor/too-deep`, `cbor/shape`
 */
export function encode(value: CborValue): Uint8Array {
  return writer.write(value);
}

/**
 * A map with the given integer keys in the given order, leaving out what is undefined.
 * Callers list keys in the order of their encoding: unsigned ascending, then negative descending.
 */
export function entries(...pairs: readonly (readonly [number, CborValue | undefined])[]): CborMap {
  const map = new Map<number, CborValue>();
  for (const [key, value] of pairs) if (value !== undefined) map.set(key, value);
  return map;
}
