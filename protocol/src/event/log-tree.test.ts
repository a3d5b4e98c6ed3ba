import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { consistencyPath, inclusionPath, type SubtreeHash, treeRoot } from './log-tree.js';
import { path, proof, treeHash } from './merkle.test.support.js';
import { leafHash, MerkleTree, rootFromConsistency, verifyInclusion } from './merkle.js';

const list = Array.from({ length: 70 }, (_, i) => Uint8Array.of(i));
const whole = new MerkleTree(list.map(leafHash));

/** Answers for whole subtrees only, so that nothing can lean on one that still grows. */
const subtree: SubtreeHash = (level, index) => {
  const hash = whole.subtree(level, index);
  if (hash === undefined) throw new RangeError(`subtree ${level}/${index} is not whole`);
  return hash;
};
const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex);

/** Two sizes of the same log, the smaller first, both from 1. */
const twoSizes = fc
  .tuple(fc.integer({ min: 1, max: list.length }), fc.integer({ min: 1, max: list.length }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('a log tree', () => {
  it('has the root of RFC 9162 at every size', () => {
    for (let size = 1; size <= list.length; size++) {
      expect(toHex(treeRoot(size, subtree))).toBe(toHex(treeHash(list.slice(0, size))));
    }
  });

  it('has the inclusion paths of RFC 9162, which verify', () => {
    fc.assert(
      fc.property(twoSizes, ([place, treeSize]) => {
        const leafIndex = place - 1;
        const found = inclusionPath(leafIndex, treeSize, subtree);
        expect(hex(found)).toEqual(hex(path(leafIndex, list.slice(0, treeSize))));
        const leaf = leafHash(list[leafIndex] ?? new Uint8Array());
        expect(verifyInclusion(leaf, { treeSize, leafIndex, path: found }, treeRoot(treeSize, subtree))).toBe(
          true,
        );
      }),
    );
  });

  it('has the consistency paths of RFC 9162, which lead to the later root', () => {
    fc.assert(
      fc.property(twoSizes, ([earlierSize, laterSize]) => {
        const found = consistencyPath(earlierSize, laterSize, subtree);
        expect(hex(found)).toEqual(hex(proof(earlierSize, list.slice(0, laterSize))));
        const later = rootFromConsistency(treeRoot(earlierSize, subtree), {
          ...{ earlierSize, laterSize, path: found },
        });
        expect(later && toHex(later)).toBe(toHex(treeRoot(laterSize, subtree)));
      }),
    );
  });

  it('cannot be shown to continue a log that it does not continue', () => {
    const other = (size: number): Uint8Array =>
      new MerkleTree(list.slice(0, size).map((entry, i) => leafHash(i === 2 ? Uint8Array.of(99) : entry)))
        .root;
    fc.assert(
      fc.property(
        twoSizes.filter(([earlier]) => earlier > 2),
        ([earlierSize, laterSize]) => {
          const sizes = { earlierSize, laterSize };
          const honest = consistencyPath(earlierSize, laterSize, subtree);
          const later = rootFromConsistency(other(earlierSize), { ...sizes, path: honest });
          expect(later && toHex(later)).not.toBe(toHex(treeRoot(laterSize, subtree)));
        },
      ),
    );
  });

  it('takes no consistency path that is bent, too long, too short or for other sizes', () => {
    const sizes = { earlierSize: 21, laterSize: 50 };
    const honest = consistencyPath(21, 50, subtree);
    const earlier = treeRoot(21, subtree);
    const later = toHex(treeRoot(50, subtree));
    const found = (proofOf: { earlierSize: number; laterSize: number }, steps: Uint8Array[]): string => {
      const root = rootFromConsistency(earlier, { ...proofOf, path: steps });
      return root === undefined ? 'impossible' : toHex(root);
    };
    expect(found(sizes, honest)).toBe(later);
    honest.forEach((_, bent) => {
      const steps = honest.map((hash, i) => (i === bent ? hash.map((byte) => byte ^ 1) : hash));
      expect(found(sizes, steps)).not.toBe(later);
      expect(found(sizes, honest.toSpliced(bent, 1))).not.toBe(later);
    });
    expect(found(sizes, [...honest, earlier])).toBe('impossible');
    expect(found(sizes, [new Uint8Array(31), ...honest.slice(1)])).toBe('impossible');
    expect(found(sizes, [])).toBe('impossible');
    expect(found({ earlierSize: 0, laterSize: 50 }, honest)).toBe('impossible');
    expect(found({ earlierSize: 50, laterSize: 21 }, honest)).toBe('impossible');
    expect(found({ earlierSize: 22, laterSize: 50 }, honest)).not.toBe(later);
    expect(found({ earlierSize: 21, laterSize: 21 }, honest)).toBe('impossible');
    expect(found({ earlierSize: 21, laterSize: 21 }, [])).toBe(toHex(earlier));
  });
});
