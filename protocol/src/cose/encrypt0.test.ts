import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { encode, entries, type CborMap } from '../cbor/index.js';
import { TimebandError } from '../errors.js';
import { codeOf } from '../test-support/index.js';
import { decryptCose0, encryptCose0, MAX_PARTIAL_IV } from './encrypt0.js';

const KEY = { key: fromHex('000102030405060708090a0b0c0d0e0f'), iv: fromHex('101112131415161718191a1b1c') };
const AAD = fromHex('83010203');
const TEXT = new TextEncoder().encode('This is the content.');

/** A message put together by hand. */
function message(protectedBytes: Uint8Array, unprotected: CborMap): Uint8Array {
  return concat(Uint8Array.of(0xd0), encode([protectedBytes, unprotected, new Uint8Array(16)]));
}

describe('COSE_Encrypt0', () => {
  it('agrees with RFC 9052, C.4.2: a Partial IV under a key with a common IV', () => {
    const key = {
      key: fromHex('849b5786457c1491be3a76dcea6c4271'),
      iv: fromHex('89f52f65a1c580930000000000'),
    };
    const bytes = encryptCose0(key, 0x61a7, new Uint8Array(), TEXT);
    expect(toHex(bytes)).toBe(
      'd08343a1010aa1064261a7581c252a8911d465c125b6764739700f0141ed09192de139e053bd09abca',
    );
    expect(decryptCose0(key, bytes, new Uint8Array())).toEqual({ partialIv: 0x61a7, plaintext: TEXT });
  });

  it('comes back for any plaintext and counter', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 0, max: MAX_PARTIAL_IV }),
        (plaintext, partialIv) => {
          const opened = decryptCose0(KEY, encryptCose0(KEY, partialIv, AAD, plaintext), AAD);
          expect(opened.partialIv).toBe(partialIv);
          expect(toHex(opened.plaintext)).toBe(toHex(plaintext));
        },
      ),
    );
  });

  it('does not decrypt with any bit changed, nor for another purpose', () => {
    const bytes = encryptCose0(KEY, 300, AAD, TEXT);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), (bit) => {
        const changed = Uint8Array.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(codeOf(() => decryptCose0(KEY, changed, AAD))).not.toBe('accepted');
      }),
    );
    expect(codeOf(() => decryptCose0(KEY, bytes, fromHex('83010204')))).toBe('cose/decrypt');
  });

  it('of nothing is authenticated all the same', () => {
    const bytes = encryptCose0(KEY, 0, AAD, new Uint8Array());
    expect(decryptCose0(KEY, bytes, AAD).plaintext).toHaveLength(0);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    expect(codeOf(() => decryptCose0(KEY, bytes, AAD))).toBe('cose/decrypt');
  });

  it.each([
    ['another algorithm', message(fromHex('a10101'), entries([6, Uint8Array.of(1)])), 'cose/algorithm'],
    [
      'more in its protected header',
      message(fromHex('a2010a0401'), entries([6, Uint8Array.of(1)])),
      'cose/algorithm',
    ],
    ['no Partial IV', message(fromHex('a1010a'), new Map()), 'cbor/shape'],
    ['an empty Partial IV', message(fromHex('a1010a'), entries([6, new Uint8Array()])), 'cose/structure'],
    ['a leading zero', message(fromHex('a1010a'), entries([6, fromHex('0001')])), 'cose/structure'],
    [
      'a Partial IV of four bytes',
      message(fromHex('a1010a'), entries([6, fromHex('01000000')])),
      'cose/structure',
    ],
    [
      'a whole IV beside it',
      message(fromHex('a1010a'), entries([5, KEY.iv], [6, Uint8Array.of(1)])),
      'cose/structure',
    ],
    ['no tag', encryptCose0(KEY, 1, AAD, TEXT).subarray(1), 'cose/structure'],
    [
      'another tag',
      concat(Uint8Array.of(0xd1), encryptCose0(KEY, 1, AAD, TEXT).subarray(1)),
      'cose/structure',
    ],
  ])('is refused with %s', (_, bytes, code) => {
    expect(codeOf(() => decryptCose0(KEY, bytes, AAD))).toBe(code);
  });

  it('has no number beyond three bytes', () => {
    expect(() => encryptCose0(KEY, MAX_PARTIAL_IV + 1, AAD, TEXT)).toThrow(RangeError);
  });

  it('of any bytes is read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decryptCose0(KEY, concat(Uint8Array.of(0xd0, 0x83), bytes), AAD);
        } catch (error) {
          expect(error).toBeInstanceOf(TimebandError);
        }
      }),
    );
  });
});
