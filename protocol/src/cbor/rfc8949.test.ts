import { describe, expect, it } from 'vitest';
import { fromHex } from '../bytes.js';
import { codeOf } from '../test-support/index.js';
import { decodeLenient, decodeStrict } from './codec.js';

/** The examples of RFC 8949 Appendix A, grouped by what the two profiles make of them. */
const EXAMPLES: readonly (readonly [strict: string, lenient: string, hex: readonly string[]])[] = [
  [
    'accepted',
    'accepted',
    [
      ...['00', '01', '0a', '17', '1818', '1819', '1864', '1903e8', '1a000f4240'],
      ...['20', '29', '3863', '3903e7', 'f4', 'f5', 'f6'],
      ...['40', '4401020304', '60', '6161', '6449455446', '62225c', '62c3bc', '63e6b0b4', '64f0908591'],
      ...['80', '83010203', '8301820203820405'],
      '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
      ...['a0', 'a201020304', 'a26161016162820203', '826161a161626163'],
      'a56161614161626142616361436164614461656145',
    ],
  ],
  ['cbor/integer-range', 'accepted', ['1b000000e8d4a51000']],
  ['cbor/integer-range', 'cbor/integer-range', ['1bffffffffffffffff', '3bffffffffffffffff']],
  [
    'cbor/float',
    'accepted',
    [
      ...['f90000', 'f98000', 'f93c00', 'fb3ff199999999999a', 'f93e00', 'f97bff', 'fa47c35000', 'fa7f7fffff'],
      ...['fb7e37e43c8800759c', 'f90001', 'f90400', 'f9c400', 'fbc010666666666666', 'f97c00', 'f97e00'],
      ...['f9fc00', 'fa7f800000', 'fa7fc00000', 'faff800000', 'fb7ff0000000000000', 'fb7ff8000000000000'],
      'fbfff0000000000000',
    ],
  ],
  ['cbor/simple', 'cbor/simple', ['f7', 'f0', 'f8ff']],
  [
    'cbor/tag',
    'cbor/tag',
    [
      ...['c249010000000000000000', 'c349010000000000000000', 'c11a514b67b0', 'c1fb41d452d9e8200000'],
      'c074323031332d30332d32315432303a30343a30305a',
      ...['d74401020304', 'd818456449455446'],
      'd82076687474703a2f2f7777772e6578616d706c652e636f6d',
    ],
  ],
  ['cbor/indefinite', 'cbor/indefinite', ['5f42010243030405ff', '7f657374726561646d696e67ff']],
  [
    'cbor/indefinite',
    'accepted',
    [
      ...['9fff', '9f018202039f0405ffff', '9f01820203820405ff', '83018202039f0405ff', '83019f0203ff820405'],
      '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff',
      ...['bf61610161629f0203ffff', '826161bf61626163ff', 'bf6346756ef563416d7421ff'],
    ],
  ],
];

describe('the examples of RFC 8949 Appendix A', () => {
  const cases = EXAMPLES.flatMap(([strict, lenient, hex]) =>
    hex.map((one) => [one, strict, lenient] as const),
  );

  it.each(cases)('%s is %s to the strict profile and %s to the lenient one', (hex, strict, lenient) => {
    const bytes = fromHex(hex);
    expect([codeOf(() => decodeStrict(bytes)), codeOf(() => decodeLenient(bytes))]).toEqual([
      strict,
      lenient,
    ]);
  });

  it('are all there', () => {
    expect(cases).toHaveLength(81);
  });
});
