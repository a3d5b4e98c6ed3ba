import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStrict, encode, entries, type CborMap } from '../cbor/index.js';
import { tagId, type KnownProof } from '../evidence/index.js';
import { codeOf, id, uint32 } from '../test-support/index.js';
import { punchBody, readPunch } from './punch.js';

const overTheWire = (body: CborMap): CborMap => decodeStrict(encode(body)) as CborMap;
const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((value) => Uint8Array.from(value));
const counter = fc.integer({ min: 0, max: 0xff_ffff });

const proof: fc.Arbitrary<KnownProof> = fc.oneof(
  fc.record({ kind: fc.constant('uid' as const), uid: bytes(4, 10) }),
  fc.record({ kind: fc.constant('sun' as const), uid: bytes(7), counter, mac: bytes(8) }),
  fc.record({ kind: fc.constant('encrypted-sun' as const), piccData: bytes(16), mac: bytes(8) }),
  fc.record({ kind: fc.constant('answer' as const), message: bytes(1, 300) }),
  fc.record({ kind: fc.constant('own' as const), nonce: bytes(16), challenger: id }),
);

describe('a punch', () => {
  it('comes back the same, whatever proves it and whoever assisted', () => {
    const direction = fc.constantFrom('in' as const, 'out' as const);
    const assisted = fc.option(id, { nil: undefined });
    fc.assert(
      fc.property(fc.record({ direction, service: uint32, proof, assisted }), (punch) => {
        const body = overTheWire(punchBody(punch));
        const back = readPunch(body);
        expect(back).toMatchObject({ direction: punch.direction, assisted: punch.assisted });
        if (back.proof.kind === 'unknown') throw new Error('a proof was not recognised');
        expect(encode(punchBody({ ...back, proof: back.proof }))).toEqual(encode(punchBody(punch)));
      }),
    );
  });

  const uid = entries([1, new Uint8Array(4)]);
  const sun = (counter: number, uidBytes = 7, macBytes = 8) =>
    entries([2, entries([1, new Uint8Array(uidBytes)], [2, counter], [3, new Uint8Array(macBytes)])]);

  it.each([
    ['a direction that nobody defined', entries([1, 3], [2, 7], [3, uid])],
    ['a UID of 3 bytes', entries([1, 1], [2, 7], [3, entries([1, new Uint8Array(3)])])],
    ['a UID of 11 bytes', entries([1, 1], [2, 7], [3, entries([1, new Uint8Array(11)])])],
    ['a tag counter of 25 bits', entries([1, 1], [2, 7], [3, sun(0x100_0000)])],
    ['a tag’s MAC of 4 bytes', entries([1, 1], [2, 7], [3, sun(1, 7, 4)])],
    ['a SUN message of a 4-byte UID', entries([1, 1], [2, 7], [3, sun(1, 4)])],
    [
      'encrypted tag data of 15 bytes',
      entries([1, 1], [2, 7], [3, entries([3, entries([1, new Uint8Array(15)], [2, new Uint8Array(8)])])]),
    ],
    [
      'a challenger that is no id',
      entries([1, 1], [2, 7], [3, entries([5, entries([1, new Uint8Array(16)], [2, 'A B'])])]),
    ],
    ['a helper who is no id', entries([1, 1], [2, 7], [3, uid], [4, 'Wang Li'])],
    ['no proof', entries([1, 1], [2, 7])],
    ['no service', entries([1, 1], [3, uid])],
  ])('is refused with %s', (_, body) => {
    expect(codeOf(() => readPunch(body))).toBe('cbor/shape');
  });

  it('with a proof of a later version is kept, and its proof worth nothing', () => {
    expect(readPunch(entries([1, 1], [2, 7], [3, entries([99, 'new'])])).proof).toEqual({ kind: 'unknown' });
  });

  it('names a tag by an id that may stand in a topic', () => {
    expect(tagId(Uint8Array.of(4, 0xa1, 0xb2, 0xc3))).toBe('tag-04a1b2c3');
  });
});
