/** Random values of the protocol's types, for properties. */
import fc from 'fast-check';
import { encode, type CborValue } from '../cbor/index.js';
import type { KnownProof } from '../evidence/index.js';
import type { DeviceTime } from '../log/index.js';

export const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** Ids that may stand in certificates and topics. */
export const id = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/);

/** Byte strings of `length`, or of `length` to `most` bytes. */
export const bytesOf = (length: number, most = length): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: most }).map((value) => Uint8Array.from(value));

const text = fc.string({ unit: 'binary', maxLength: 80 }).filter((value) => !value.startsWith('\ufeff'));
const negative = fc.integer({ min: -0x1_0000_0000, max: -1 });

/** Values that have a deterministic encoding: map keys ascend in the order of their encoding. */
export const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    uint32,
    negative,
    fc.boolean(),
    fc.constant(null),
    text,
    bytesOf(0, 300),
    fc.array(tie('value'), { maxLength: 6 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(uint32, negative, text), tie('value')), {
        maxLength: 6,
        selector: ([key]) => key,
      })
      .map((pairs) => new Map(pairs.sort(([a], [b]) => Buffer.compare(encode(a), encode(b))))),
  ),
})).value;

export const deviceTime: fc.Arbitrary<DeviceTime> = fc.oneof(
  fc.constant({ quality: 'unset' } as const),
  fc.record({ quality: fc.constant('free-running' as const), wall: uint32 }),
  fc.record({ quality: fc.constant('set' as const), wall: uint32, age: uint32 }),
);

/** Proofs of every kind that can be logged. */
export const proof: fc.Arbitrary<KnownProof> = fc.oneof(
  fc.record({ kind: fc.constant('uid' as const), uid: bytesOf(4, 10) }),
  fc.record({
    kind: fc.constant('sun' as const),
    uid: bytesOf(7),
    counter: fc.integer({ min: 0, max: 0xff_ffff }),
    mac: bytesOf(8),
  }),
  fc.record({ kind: fc.constant('encrypted-sun' as const), piccData: bytesOf(16), mac: bytesOf(8) }),
  fc.record({ kind: fc.constant('answer' as const), message: bytesOf(1, 170) }),
  fc.record({ kind: fc.constant('own' as const), nonce: bytesOf(16), challenger: id }),
);
