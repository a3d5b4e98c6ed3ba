/** The definitions of RFC 9162, word for word and slow: what the fast ones are held to. */
import { concat } from '../bytes.js';
import { sha256 } from '../crypto/index.js';

const hash = (...parts: Uint8Array[]): Uint8Array => sha256(concat(...parts));

/** Where §2.1.1 splits a list: at the largest power of two below its length. */
const split = (length: number): number => 2 ** (Math.ceil(Math.log2(length)) - 1);

/** MTH, §2.1.1. */
export function treeHash(list: readonly Uint8Array[]): Uint8Array {
  const [only] = list;
  if (list.length === 1 && only !== undefined) return hash(Uint8Array.of(0), only);
  const k = split(list.length);
  return hash(Uint8Array.of(1), treeHash(list.slice(0, k)), treeHash(list.slice(k)));
}

/** PATH, §2.1.3.1. */
export function path(index: number, list: readonly Uint8Array[]): Uint8Array[] {
  if (list.length === 1) return [];
  const k = split(list.length);
  return index < k
    ? [...path(index, list.slice(0, k)), treeHash(list.slice(k))]
    : [...path(index - k, list.slice(k)), treeHash(list.slice(0, k))];
}

/** PROOF, §2.1.4.1. */
export function proof(earlier: number, list: readonly Uint8Array[]): Uint8Array[] {
  return subproof(earlier, list, true);
}

function subproof(m: number, list: readonly Uint8Array[], isEarlierTree: boolean): Uint8Array[] {
  if (m === list.length) return isEarlierTree ? [] : [treeHash(list)];
  const k = split(list.length);
  return m <= k
    ? [...subproof(m, list.slice(0, k), isEarlierTree), treeHash(list.slice(k))]
    : [...subproof(m - k, list.slice(k), false), treeHash(list.slice(0, k))];
}
