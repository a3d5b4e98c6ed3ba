import { Decoder } from 'cbor-x/index-no-eval';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { cborValue, codeOf } from '../test-support/index.js';
import { decodeStrict, encode } from './codec.js';
import type { CborValue } from './value.js';

/** A decoder that we did not write. */
const other = new Decoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false });

describe('encode', () => {
  it('writes what another decoder reads as the same value', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        expect(other.decode(encode(value))).toEqual(value);
      }),
    );
  });

  it.each<readonly [string, CborValue, string]>([
    ['a float', 1.5, 'cbor/integer-range'],
    ['a number that is none', NaN, 'cbor/integer-range'],
    ['an integer of 33 bits', 0x1_0000_0000, 'cbor/integer-range'],
    ['a negative integer of 33 bits', -0x1_0000_0001, 'cbor/integer-range'],
    ['keys that descend', keys(2, 1), 'cbor/key-order'],
    ['a negative key before an unsigned one', keys(-1, 1), 'cbor/key-order'],
    ['negative keys that ascend in value', keys(-2, -1), 'cbor/key-order'],
    ['a text key before an integer', keys('a', 1), 'cbor/key-order'],
    ['a longer text key before a shorter one', keys('aa', 'b'), 'cbor/key-order'],
    ['a key that is a float', keys(1.5), 'cbor/integer-range'],
    ['half a character', 'a\ud83d', 'cbor/utf8'],
    ['text that begins with a byte order mark', '\ufeffa', 'cbor/utf8'],
    ['thirteen levels of arrays', nested(13), 'cbor/too-deep'],
  ])('refuses %s, wherever it stands', (_, value, code) => {
    expect(codeOf(() => encode(value))).toBe(code);
    expect(codeOf(() => encode([1, keys(1), value]))).toBe(code);
    expect(codeOf(() => encode(new Map([[1, value]])))).toBe(code);
  });

  it('refuses a value that runs in a circle', () => {
    const circle: CborValue[] = [];
    circle.push(circle);
    expect(codeOf(() => encode(circle))).toBe('cbor/too-deep');
  });

  it('refuses what is no value of ours at all', () => {
    const foreign: unknown[] = [undefined, new Date(0), 1n, { a: 1 }];
    expect(foreign.map((value) => codeOf(() => encode(value as CborValue)))).toEqual(
      foreign.map(() => 'cbor/shape'),
    );
  });

  it('takes what the strict profile takes at its limits', () => {
    for (const value of [
      nested(12),
      0xffff_ffff,
      -0x1_0000_0000,
      keys(0, 23, 24, 255, 256, 65_536, -1, -25, '', 'a', 'aa'),
    ]) {
      expect(decodeStrict(encode(value))).toEqual(value);
    }
  });

  it('leaves earlier messages as they are, also after one that was refused half-way', () => {
    const first = encode(['first']);
    const before = toHex(first);
    codeOf(() => encode(['second', 1.5]));
    encode(['third']);
    expect(toHex(first)).toBe(before);
  });

  it.each([23, 24, 255, 256, 8_000, 8_192, 65_535, 65_536, 100_000])(
    'writes strings of %d bytes',
    (length) => {
      const bytes = new Uint8Array(length).fill(7);
      const head = encode(bytes).subarray(0, -length);
      expect(encode([bytes, 'x'.repeat(length)])).toEqual(
        concat(
          Uint8Array.of(0x82),
          head,
          bytes,
          Uint8Array.from(head, (b, i) => (i === 0 ? b | 0x20 : b)),
          new Uint8Array(length).fill(0x78),
        ),
      );
    },
  );
});

function keys(...names: readonly (number | string)[]): CborValue {
  return new Map(names.map((name) => [name, 0]));
}

function nested(levels: number): CborValue {
  return levels === 0 ? 0 : [nested(levels - 1)];
}
