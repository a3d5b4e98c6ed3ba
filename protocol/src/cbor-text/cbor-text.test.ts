import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { cborValue, codeOf } from '../test-support/index.js';
import { annotate, diagnostic, uncommented } from './index.js';

/** Examples of RFC 8949, Appendix A: the ones whose notation needs care. */
const EXAMPLES: readonly (readonly [hex: string, text: string])[] = [
  ['17', '23'],
  ['1bffffffffffffffff', '18446744073709551615'],
  ['3bffffffffffffffff', '-18446744073709551616'],
  ['c249010000000000000000', "2(h'010000000000000000')"],
  ['f90000', '0.0'],
  ['f98000', '-0.0'],
  ['fb3ff199999999999a', '1.1'],
  ['f97bff', '65504.0'],
  ['fa7f7fffff', '3.4028234663852886e+38'],
  ['fb7e37e43c8800759c', '1.0e+300'],
  ['f90001', '5.960464477539063e-8'],
  ['f9c400', '-4.0'],
  ['f97c00', 'Infinity'],
  ['f97e00', 'NaN'],
  ['f9fc00', '-Infinity'],
  ['f7', 'undefined'],
  ['f0', 'simple(16)'],
  ['f8ff', 'simple(255)'],
  ['c11a514b67b0', '1(1363896240)'],
  ['d818456449455446', "24(h'6449455446')"],
  ['40', "h''"],
  ['62225c', '"\\"\\\\"'],
  ['62c3bc', '"ü"'],
  ['64f0908591', '"𐅑"'],
  ['8301820203820405', '[1, [2, 3], [4, 5]]'],
  ['a26161016162820203', '{"a": 1, "b": [2, 3]}'],
  ['5f42010243030405ff', "(_ h'0102', h'030405')"],
  ['7f657374726561646d696e67ff', '(_ "strea", "ming")'],
  ['9fff', '[_ ]'],
  ['9f018202039f0405ffff', '[_ 1, [2, 3], [_ 4, 5]]'],
  ['bf61610161629f0203ffff', '{_ "a": 1, "b": [_ 2, 3]}'],
];

describe('diagnostic notation', () => {
  it.each(EXAMPLES)('of %s is %s, as in RFC 8949', (hex, text) => {
    expect(diagnostic(fromHex(hex))).toBe(text);
  });

  it('shows a sequence with commas, and CBOR in byte strings where asked', () => {
    expect(diagnostic(fromHex('0143a10102'))).toBe("1, h'a10102'");
    expect(diagnostic(fromHex('0143a10102'), { embedded: true })).toBe('1, <<{1: 2}>>');
    expect(diagnostic(fromHex('42a101'), { embedded: true })).toBe("h'a101'");
  });

  it.each([
    ['an item cut short', '8201', 'cbor/truncated'],
    ['a reserved head', '1c', 'cbor/reserved'],
    ['a break alone', 'ff', 'cbor/reserved'],
    ['a map closed after a key', 'bf01ff', 'cbor/reserved'],
    ['a chunk of another kind', '5f6101ff', 'cbor/reserved'],
    ['more depth than anything has', `${'81'.repeat(70)}00`, 'cbor/too-deep'],
  ])('is refused for %s', (_, hex, code) => {
    expect(codeOf(() => diagnostic(fromHex(hex)))).toBe(code);
  });
});

describe('commented hexadecimal', () => {
  it('names fields, says what numbers mean and goes into byte strings', () => {
    const label = {
      fields: { 1: { name: 'kind', values: { 2: 'punch' } }, 8: { name: 'salt' }, 9: { name: 'body' } },
    };
    expect(annotate(fromHex('a301020844001122330943a10102'), label)).toEqual([
      'a3               # a map of 3',
      '  01 02          # kind: 2, punch',
      '  08 44 00112233 # salt: 4 bytes',
      '  09 43          # body: 3 bytes, in which',
      '     a1          # a map of 1',
      '       01 02     # [1]: 2',
    ]);
  });

  it('shows what is no CBOR as far as it is, and why it ends', () => {
    expect(annotate(fromHex('a20102'))).toEqual([
      'a2      # a map of 2, of which 1 are there',
      '  01 02 # [1]: 2',
      '        # not CBOR: an item is missing (offset 3)',
    ]);
    expect(annotate(fromHex('4201'))).toEqual([
      '4201 # not CBOR: a string of 2 bytes is cut short (offset 0)',
    ]);
  });

  it('keeps every byte, whatever the bytes are', () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 200 }), cborValue.map(encode));
    fc.assert(
      fc.property(any, (bytes) => {
        expect(uncommented(annotate(bytes))).toBe(toHex(bytes));
      }),
      { numRuns: 1_000 },
    );
  });
});
