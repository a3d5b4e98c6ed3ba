/**
 * The tree over a whole log of events, computed from the hashes of its whole subtrees, which never change once they
 * are full: a growing log keeps those and nothing else (RFC 9162 §2.1; SPEC.md, Log tree).
 */
import { nodeHash } from './merkle.js';

/** Hash of the subtree of 2^`level` leaves that begins at leaf `index * 2^level`. Asked for whole subtrees only. */
export type SubtreeHash = (level: number, index: number) => Uint8Array;

/** The largest power of two below `size`, where RFC 9162 §2.1.1 splits a list. `size` is 2 to 2^31 - 1. */
function splitOf(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}

/** MTH(D[start:end]) for a range that some tree's recursion meets. */
function rangeHash(start: number, end: number, subtree: SubtreeHash): Uint8Array {
  const size = end - start;
  const level = 31 - Math.clz32(size);
  if (size === 2 ** level) return subtree(level, start / size);
  const middle = start + splitOf(size);
  return nodeHash(rangeHash(start, middle, subtree), rangeHash(middle, end, subtree));
}

/** The root of the first `size` leaves, at least one. */
export function treeRoot(size: number, subtree: SubtreeHash): Uint8Array {
  return rangeHash(0, size, subtree);
}

/** PATH(`index`, D[0:`size`]), from the leaf upwards (RFC 9162 §2.1.3.1). */
export function inclusionPath(index: number, size: number, subtree: SubtreeHash): Uint8Array[] {
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rangeHash(middle, end, subtree));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, subtree));
      start = middle;
    }
  }
  return path.reverse();
}

/** PROOF(`earlier`, D[0:`later`]): the first tree is the beginning of the second (RFC 9162 §2.1.4.1). */
export function consistencyPath(earlier: number, later: number, subtree: SubtreeHash): Uint8Array[] {
  const path: Uint8Array[] = [];
  let [start, end] = [0, later];
  while (end !== earlier) {
    const middle = start + splitOf(end - start);
    if (earlier <= middle) {
      path.push(rangeHash(middle, end, subtree));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, subtree));
      start = middle;
    }
  }
  // What begins at the first leaf is the earlier tree itself, whose root the verifier has.
  if (start > 0) path.push(rangeHash(start, end, subtree));
  return path.reverse();
}
