import { Decoder } from 'cbor-x/index-no-eval';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../bytes.js';
import { CborError } from '../errors.js';
import { cborValue, codeOf } from '../test-support/index.js';
import { decodeLenient, decodeStrict, encode } from './codec.js';

/** A decoder that we did not write. */
const options = { mapsAsObjects: false, useRecords: false, tagUint8Array: false, int64AsNumber: true };
const other = new Decoder(options);

const strict = (hex: string): string => codeOf(() => decodeStrict(fromHex(hex.replaceAll(' ', ''))));
const lenient = (hex: string): string => codeOf(() => decodeLenient(fromHex(hex.replaceAll(' ', ''))));

describe('the strict profile refuses', () => {
  it.each([
    ['nothing at all', '', 'cbor/truncated'],
    ['a head cut short', '18', 'cbor/truncated'],
    ['a string longer than the message', '6261', 'cbor/truncated'],
    ['an array that lacks an element', '8201', 'cbor/truncated'],
    ['a map that lacks a value', 'a101', 'cbor/truncated'],
    ['a map that lacks a key', 'a1', 'cbor/truncated'],
    ['a length of four gigabytes', '5affffffff', 'cbor/truncated'],
    ['an array of four gigabytes', '9affffffff00', 'cbor/truncated'],
    ['a length of eight bytes', '5b0000000100000000', 'cbor/integer-range'],
    ['a second item', '0000', 'cbor/trailing-bytes'],
    ['more than 64 KiB', `5a00010000${'00'.repeat(65_536)}`, 'cbor/too-large'],
    ['thirteen levels of arrays', `${'81'.repeat(13)}00`, 'cbor/too-deep'],
    ['more than 4096 items', `991000${'00'.repeat(4_096)}`, 'cbor/too-many-items'],
    ['a map of 257 entries', mapOf(257), 'cbor/too-many-items'],
    ['a reserved length', '1c', 'cbor/reserved'],
    ['a break without an opening', 'ff', 'cbor/reserved'],
    ['an array of indefinite length', '9fff', 'cbor/indefinite'],
    ['a map of indefinite length', 'bfff', 'cbor/indefinite'],
    ['a byte string in chunks', '5f4101ff', 'cbor/indefinite'],
    ['a text string in chunks', '7f6161ff', 'cbor/indefinite'],
    ['23 in two bytes', '1817', 'cbor/not-shortest'],
    ['255 in three bytes', '1900ff', 'cbor/not-shortest'],
    ['65535 in five bytes', '1a0000ffff', 'cbor/not-shortest'],
    ['a length in two bytes that fits one', '580100', 'cbor/not-shortest'],
    ['an integer of 33 bits', '1b0000000100000000', 'cbor/integer-range'],
    ['a negative integer of 33 bits', '3b0000000100000000', 'cbor/integer-range'],
    ['a half', 'f90000', 'cbor/float'],
    ['a float', 'fa00000000', 'cbor/float'],
    ['a double', 'fb0000000000000000', 'cbor/float'],
    ['undefined', 'f7', 'cbor/simple'],
    ['an unassigned simple value', 'f0', 'cbor/simple'],
    ['a simple value of two bytes', 'f820', 'cbor/simple'],
    ['a date tag', 'c11a514b67b0', 'cbor/tag'],
    ['a big integer', 'c24101', 'cbor/tag'],
    ['a record definition, which would outlive the message', 'd9df0d8100', 'cbor/tag'],
    ['a regular expression', 'd81b8267524567457870612e', 'cbor/tag'],
    ['a key that is bytes', 'a14000', 'cbor/key-type'],
    ['a key that is an array', 'a18000', 'cbor/key-type'],
    ['a key that is true', 'a1f500', 'cbor/key-type'],
    ['keys out of order', 'a2 0200 0100', 'cbor/key-order'],
    ['a negative key before an unsigned one', 'a2 2000 0100', 'cbor/key-order'],
    ['a longer text key before a shorter one', 'a2 626161 00 6162 00', 'cbor/key-order'],
    ['the same key twice', 'a2 0100 0100', 'cbor/key-duplicate'],
    ['a byte that UTF-8 never uses', '61ff', 'cbor/utf8'],
    ['an overlong character', '62c080', 'cbor/utf8'],
    ['half a surrogate pair', '63eda080', 'cbor/utf8'],
    ['a byte order mark, which decoders drop', '63efbbbf', 'cbor/utf8'],
  ])('%s', (_, hex, code) => {
    expect(strict(hex)).toBe(code);
  });
});

describe('the lenient profile', () => {
  it.each([
    ['takes a map of indefinite length', 'bf 627263 00 ff', 'accepted'],
    ['takes an array of indefinite length', '9f 01 9fff ff', 'accepted'],
    ['takes keys in any order', 'a2 0200 0100', 'accepted'],
    ['takes values longer than needed', 'a1 01 1817', 'accepted'],
    ['takes integers of up to 53 bits', '1b001fffffffffffff', 'accepted'],
    ['takes floats', 'fb3ff199999999999a', 'accepted'],
    ['refuses integers beyond 53 bits', '1b0020000000000000', 'cbor/integer-range'],
    ['refuses a duplicate', 'a3 0100 0200 0100', 'cbor/key-duplicate'],
    ['refuses a duplicate hidden by a longer integer', 'a2 0100 180100', 'cbor/not-shortest'],
    ['refuses a duplicate hidden by a longer length', 'a2 616100 78016100', 'cbor/not-shortest'],
    ['refuses a key of eight bytes that fits four', 'a1 1b0000000000000001 00', 'cbor/not-shortest'],
    ['refuses strings in chunks, which the decoder does not know', '7f6161ff', 'cbor/indefinite'],
    ['refuses a map that is never closed', 'bf01', 'cbor/truncated'],
    ['refuses a map closed after a key', 'bf01ff', 'cbor/reserved'],
    ['refuses maps of more than 64 entries', mapOf(65), 'cbor/too-many-items'],
    ['refuses depth', '9f'.repeat(14), 'cbor/too-deep'],
    ['refuses tags', 'c100', 'cbor/tag'],
    ['refuses bad UTF-8', '61ff', 'cbor/utf8'],
    ['refuses undefined', 'f7', 'cbor/simple'],
  ])('%s', (_, hex, code) => {
    expect(lenient(hex)).toBe(code);
  });

  it.each([
    ['f90000', 0],
    ['f98000', -0],
    ['f93c00', 1],
    ['f93e00', 1.5],
    ['f97bff', 65_504],
    ['f90001', 5.960464477539063e-8],
    ['f90400', 0.00006103515625],
    ['f9c400', -4],
    ['f97c00', Infinity],
    ['f9fc00', -Infinity],
    ['f97e00', NaN],
    ['fa47c35000', 100_000],
    ['fa7f7fffff', 3.4028234663852886e38],
    ['fb7e37e43c8800759c', 1e300],
    ['fbc010666666666666', -4.1],
  ])('decodes the float %s as RFC 8949 Appendix A says', (hex, value) => {
    expect(decodeLenient(fromHex(hex))).toBe(value);
  });

  it('decodes wide integers as numbers, so that a field is never a bigint', () => {
    expect(decodeLenient(fromHex('1b000000e8d4a51000'))).toBe(1_000_000_000_000);
    expect(decodeLenient(fromHex('3b000000e8d4a51000'))).toBe(-1_000_000_000_001);
  });
});

describe('what the reader takes', () => {
  it('decodes to an equal value, whatever was encoded', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        expect(plain(decodeStrict(encode(value)))).toEqual(plain(value));
      }),
      { numRuns: 300 },
    );
  });

  it('is read by another decoder as the same value', () => {
    fc.assert(
      fc.property(mutated(), (bytes) => {
        for (const decode of [decodeStrict, decodeLenient]) {
          let value;
          try {
            value = decode(bytes);
          } catch {
            continue;
          }
          expect(plain(value)).toEqual(plain(other.decode(bytes)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has one encoding only: bytes that pass the strict profile are what the value encodes to', () => {
    fc.assert(
      fc.property(mutated(), (bytes) => {
        let value;
        try {
          value = decodeStrict(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CborError);
          return;
        }
        expect(Buffer.from(encode(value)).equals(bytes)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused with nothing but a CborError in the lenient profile', () => {
    fc.assert(
      fc.property(mutated(), (bytes) => {
        expect(codeOf(() => decodeLenient(bytes))).toMatch(/^cbor\/|^accepted$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is looked at in bounded time, however long the keys and however many the items', () => {
    const entry = (n: number): string => `79 01f0 ${'61'.repeat(495)} ${n.toString(16)} 00`;
    const map = `b840 ${Array.from({ length: 64 }, (_, n) => entry(0x20 + n)).join('')}`.replaceAll(' ', '');
    const bytes = fromHex(`82${map}${map}`);
    expect(bytes.length).toBeGreaterThan(60_000);
    const started = performance.now();
    decodeLenient(bytes);
    for (let i = 0; i < 4; i++) decodeStrict(fromHex(`990fff${'00'.repeat(4_095)}`));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

/** A map of `count` entries in ascending order. */
function mapOf(count: number): string {
  const keys = Array.from({ length: count }, (_, key) => Buffer.from(encode(key)).toString('hex'));
  const head =
    count < 256 ? `b8${count.toString(16).padStart(2, '0')}` : `b9${count.toString(16).padStart(4, '0')}`;
  return `${head}${keys.map((key) => `${key}00`).join('')}`;
}

/** Encoded values with some bytes changed, cut or added, and plain noise. */
function mutated(): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  const near = fc.tuple(cborValue, changes, fc.integer({ min: -2, max: 2 })).map(([value, edits, extra]) => {
    const bytes = encode(value);
    const out = new Uint8Array(Math.max(1, bytes.length + extra));
    out.set(bytes.subarray(0, out.length));
    for (const [at, byte] of edits) out[at % out.length] = byte;
    return out;
  });
  return fc.oneof(near, fc.uint8Array({ maxLength: 40 }));
}

/** Bytes are views of different classes before and after, so both sides are compared as one. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key as unknown, plain(item)]));
  return value;
}
