import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeStrict, encode, entries, type CborValue } from '../cbor/index.js';
import { codeOf, deviceTime, uint32 } from '../test-support/index.js';
import { decodeRecord, encodeRecord, type Record } from './record.js';

const body = entries([1, 1], [2, 7]);
const record: Record = {
  kind: 2,
  seq: 1,
  boot: 1,
  uptime: 60,
  time: { quality: 'set', wall: 1_700_000_000, age: 30 },
  salt: new Uint8Array(8),
  body,
};

/** The record's bytes with some fields replaced. */
function altered(...changes: [number, CborValue | undefined][]): Uint8Array {
  const fields = decodeStrict(encodeRecord(record)) as ReadonlyMap<number, CborValue>;
  const all = new Map<number, CborValue | undefined>([...fields, ...changes]);
  return encode(entries(...[...all].sort(([a], [b]) => a - b)));
}

describe('a record', () => {
  it('comes back the same, whatever its kind, its clock and the fields of its body', () => {
    const unknownFields = fc.uniqueArray(fc.tuple(uint32, fc.oneof(uint32, fc.string({ maxLength: 10 }))), {
      selector: ([key]) => key,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.record({ kind: uint32, seq: uint32, boot: uint32, uptime: uint32, time: deviceTime }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        unknownFields,
        (head, salt, fields) => {
          const one: Record = { ...head, salt, body: entries(...fields.sort(([a], [b]) => a - b)) };
          const back = decodeRecord(encodeRecord(one));
          expect({ ...back, salt: toHex(back.salt) }).toEqual({ ...one, salt: toHex(salt) });
          expect(toHex(encodeRecord(back))).toBe(toHex(encodeRecord(one)));
        },
      ),
    );
  });

  it('may carry fields that this version does not know', () => {
    expect(decodeRecord(altered([10, 'from a later version'])).seq).toBe(1);
  });

  it.each([
    ['a salt of the wrong length', altered([8, new Uint8Array(7)])],
    ['a body that is no map', altered([9, 1])],
    ['a sequence number that is text', altered([2, '1'])],
    ['a time quality that nobody defined', altered([5, 3])],
    ['a clock that is set, without saying since when', altered([7, undefined])],
    ['a free-running clock without a time', altered([5, 1], [6, undefined])],
    ['no kind', altered([1, undefined])],
  ])('is refused with %s', (_, bytes) => {
    expect(codeOf(() => decodeRecord(bytes))).toBe('cbor/shape');
  });
});
