import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { codeOf } from '../test-support/index.js';
import { encode, entries } from './codec.js';
import { Fields } from './fields.js';
import type { CborValue } from './value.js';

describe('entries', () => {
  it('leaves out what is undefined and keeps what is null', () => {
    expect(toHex(encode(entries([1, 7], [2, undefined], [3, null])))).toBe('a2010703f6');
  });

  it.each([0x1_0000_0000, -0x1_0000_0001, 1.5, -1.5, Number.NaN, Infinity])(
    'refuses %d, which would be a float on the wire',
    (value) => {
      expect(codeOf(() => encode(entries([1, value])))).toBe('cbor/integer-range');
    },
  );

  it('writes the widest integers in 32 bits', () => {
    expect(toHex(encode(entries([1, 0xffff_ffff], [2, -0x1_0000_0000])))).toBe('a2011affffffff023affffffff');
  });
});

describe('Fields', () => {
  const of = (value?: CborValue): Fields =>
    Fields.of(new Map(value === undefined ? [] : [[1, value]]), 'test');

  it.each<readonly [string, (fields: Fields) => unknown, CborValue, CborValue[]]>([
    ['uint', (f) => f.uint(1), 7, [-1, 0x1_0000_0000, 1.5, 'x', null]],
    ['int', (f) => f.int(1), -7, [1.5, 'x', null]],
    ['bytes', (f) => f.bytes(1), Uint8Array.of(1), ['x', 1, null]],
    ['bytes of a length', (f) => f.bytes(1, 2), Uint8Array.of(1, 2), [Uint8Array.of(1), 'xx']],
    ['text', (f) => f.text(1), 'x', [Uint8Array.of(1), 1, null]],
    ['array', (f) => f.array(1), [1], [new Map(), 1, null]],
  ])('reads %s and refuses anything else, or nothing', (_, read, good, bad) => {
    expect(read(of(good))).toEqual(good);
    expect([...bad.map((value) => of(value)), of()].map((fields) => codeOf(() => read(fields)))).toEqual(
      Array.from({ length: bad.length + 1 }, () => 'cbor/shape'),
    );
  });

  it('takes an optional field that is absent, but not one of the wrong type', () => {
    expect([of().optionalUint(1), of().optionalBytes(1), of().optionalText(1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(codeOf(() => of(null).optionalUint(1))).toBe('cbor/shape');
    expect(codeOf(() => of(null).optionalBytes(1))).toBe('cbor/shape');
    expect(codeOf(() => of(null).optionalText(1))).toBe('cbor/shape');
  });

  it('names the field that is wrong', () => {
    expect(() => of('x').uint(1)).toThrow('test: field 1 is not an unsigned integer');
    expect(() =>
      of(new Map([[2, 'x']]))
        .fields(1)
        .uint(2),
    ).toThrow('test.1: field 2');
  });

  it('refuses what is no map', () => {
    expect(codeOf(() => Fields.of([1], 'test'))).toBe('cbor/shape');
    expect(codeOf(() => of(1).fields(1))).toBe('cbor/shape');
  });
});
