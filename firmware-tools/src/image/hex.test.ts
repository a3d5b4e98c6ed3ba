import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageError } from './errors.js';
import { formatHex, parseHex } from './hex.js';

describe('Intel HEX', () => {
  it('gives back what was written, wherever it stands', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(0xffff_0000), (bytes, address) => {
        expect(parseHex(formatHex({ address, bytes }))).toEqual({ address, bytes });
      }),
    );
  });

  it('reads segments, gaps and Windows line ends', () => {
    const text = ':020000021000EC\r\n:020000000102FB\r\n:01000400AB50\r\n:00000001FF\r\n';
    expect(parseHex(text)).toEqual({ address: 0x1_0000, bytes: Uint8Array.of(1, 2, 0xff, 0xff, 0xab) });
  });

  it.each([
    ['a wrong checksum', ':0200000001027B\n:00000001FF', 'line 1'],
    ['no end', ':020000000102FB', 'cut off'],
    ['something behind the end', ':00000001FF\n:020000000102FB', 'line 2'],
    ['a record longer than it says', ':010000000102FC\n:00000001FF', 'line 1'],
    ['two pieces at one place', ':020000000102FB\n:020001000102FA\n:00000001FF', 'two pieces'],
    ['nothing in it', ':00000001FF', 'nothing'],
    ['addresses far apart', ':0100000001FE\n:02000004FFFFFC\n:0100000001FE\n:00000001FF', 'spans'],
    ['other text', 'hello', 'line 1'],
  ])('refuses a file with %s', (_, text, message) => {
    expect(() => parseHex(text)).toThrow(ImageError);
    expect(() => parseHex(text)).toThrow(message);
  });
});
