import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../test-support/index.js';
import { fromBase45, toBase45 } from './base45.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('base45', () => {
  it.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
    ['', ''],
  ])('encodes %j as RFC 9285 does', (text, encoded) => {
    expect(toBase45(utf8(text))).toBe(encoded);
    expect(fromBase45(encoded)).toEqual(utf8(text));
  });

  it('gives back any bytes, in the alphabet of a QR code and never ending in a space', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = toBase45(bytes);
        expect(text).toMatch(/^[0-9A-Z $%*+./:-]*$/);
        expect(text.endsWith(' ')).toBe(false);
        expect([...fromBase45(text)]).toEqual([...bytes]);
      }),
    );
  });

  it.each([
    ['a character alone', 'A'],
    ['lower case', 'bb8'],
    ['another alphabet', 'B_8'],
    ['beyond the basic plane', '😀😀😀'],
    ['three characters above 65535', 'GGW'],
    ['two characters above 255', ':5'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => fromBase45(text))).toBe('receipt/shape');
  });

  it('takes no text but what it would write itself', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12, unit: fc.constantFrom('0', 'A', 'G', 'W', ':', ' ', '%', 'a') }),
        (text) => {
          if (codeOf(() => fromBase45(text)) === 'accepted') expect(toBase45(fromBase45(text))).toBe(text);
        },
      ),
    );
  });
});
