import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { TimebandError } from '../errors.js';
import { cborValue, codeOf } from '../test-support/index.js';
import { encode } from './codec.js';
import { decodeSequence, encodeSequence, MAX_SEQUENCE_ITEMS } from './sequence.js';

describe('a CBOR sequence', () => {
  it('comes back item for item, with the bytes of each', () => {
    fc.assert(
      fc.property(fc.array(cborValue, { maxLength: 8 }), (values) => {
        const items = decodeSequence(encodeSequence(...values));
        expect(items.map(({ value }) => value)).toEqual(values);
        expect(items.map(({ bytes }) => toHex(bytes))).toEqual(values.map((value) => toHex(encode(value))));
      }),
    );
  });

  it('is written as RFC 8742 says: nothing between the items, and nothing for none', () => {
    expect(encodeSequence(1, 2, true)).toEqual(fromHex('0102f5'));
    expect(encodeSequence()).toEqual(new Uint8Array());
    expect(decodeSequence(new Uint8Array())).toEqual([]);
  });

  it.each([
    ['an item that is cut short', '0142ff', 'cbor/truncated'],
    ['an item in a longer form than needed', '01190003', 'cbor/not-shortest'],
    ['an indefinite length', '019f02ff', 'cbor/indefinite'],
    ['a tag', 'd28440a04040', 'cbor/tag'],
    ['a break between items', '01ff', 'cbor/reserved'],
  ])('is refused with %s', (_, hex, code) => {
    expect(codeOf(() => decodeSequence(fromHex(hex)))).toBe(code);
  });

  it('holds a bounded number of items, however many bytes there are', () => {
    const full = new Uint8Array(MAX_SEQUENCE_ITEMS);
    expect(decodeSequence(full)).toHaveLength(MAX_SEQUENCE_ITEMS);
    expect(codeOf(() => decodeSequence(concat(full, Uint8Array.of(0))))).toBe('cbor/too-many-items');
  });

  it('of any bytes is read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeSequence(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TimebandError);
        }
      }),
    );
  });
});
