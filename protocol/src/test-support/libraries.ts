/** Asks both cryptographic libraries the same, for tests that hold one against the other. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { primitives as node } from '../crypto/node.js';
import { primitives as portable } from '../crypto/portable.js';
import type { Primitives } from '../crypto/primitives.js';

export { node, portable };

/** What a library makes of an input: its result in a form that compares, or that it refuses. */
function outcome(work: () => Uint8Array | boolean | string | undefined): string {
  let result;
  try {
    result = work();
  } catch {
    return 'refused';
  }
  return result instanceof Uint8Array ? toHex(result) : String(result);
}

/** What both libraries make of it, which has to be the same. */
export function agreed(work: (library: Primitives) => Uint8Array | boolean | string | undefined): string {
  const [ours, theirs] = [outcome(() => work(portable)), outcome(() => work(node))];
  expect(ours).toBe(theirs);
  return ours;
}

export const sized = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
export const upTo = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ maxLength }).map((bytes) => Uint8Array.from(bytes));
/** Mostly of the right length. */
export const about = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 6, arbitrary: sized(length) },
    sized(length - 1),
    sized(length + 1),
    fc.constant(new Uint8Array()),
  );

export const bigEndian = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
export const littleEndian = (value: bigint): Uint8Array => bigEndian(value).reverse();

export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const P256_PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
export const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
export const P25519 = 2n ** 255n - 19n;
