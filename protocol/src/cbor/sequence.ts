/** CBOR sequences (RFC 8742) in deterministic form: items one after the other, each read strictly. */
import { concat } from '../bytes.js';
import { CborError } from '../errors.js';
import { encode } from './codec.js';
import { STRICT } from './profile.js';
import { Reader } from './reader.js';
import type { CborValue } from './value.js';

/** Items of one sequence; none of ours has more than a handful. */
export const MAX_SEQUENCE_ITEMS = 32;

/** One item with the bytes it was written in. */
export interface SequenceItem {
  readonly bytes: Uint8Array;
  readonly value: CborValue;
}

/** Takes a whole byte string apart; an empty one is the empty sequence. @throws CborError */
export function decodeSequence(bytes: Uint8Array): readonly SequenceItem[] {
  const items: SequenceItem[] = [];
  const reader = new Reader(bytes, STRICT);
  while (reader.at < bytes.length) {
    if (items.length === MAX_SEQUENCE_ITEMS) {
      throw new CborError('cbor/too-many-items', `a sequence of more than ${MAX_SEQUENCE_ITEMS} items`);
    }
    const start = reader.at;
    const value = reader.read();
    items.push({ bytes: bytes.subarray(start, reader.at), value });
  }
  return items;
}

/** The items' encodings in a row. */
export function encodeSequence(...values: readonly CborValue[]): Uint8Array {
  return concat(...values.map(encode));
}
