import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { path, treeHash } from './merkle.test.support.js';
import { leafHash, MerkleTree, rootFromProof, verifyInclusion } from './merkle.js';

const entries = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of(i, count));

describe('a tree', () => {
  const sizes = Array.from({ length: 70 }, (_, i) => i + 1);

  it('has the root and the paths of RFC 9162, and every leaf verifies, for 1 to 70 leaves', () => {
    for (const treeSize of sizes) {
      const list = entries(treeSize);
      const tree = new MerkleTree(list.map(leafHash));
      expect(toHex(tree.root)).toBe(toHex(treeHash(list)));
      expect(tree.size).toBe(treeSize);
      list.forEach((entry, leafIndex) => {
        const proof = { treeSize, leafIndex, path: tree.path(leafIndex) };
        expect(proof.path.map(toHex)).toEqual(path(leafIndex, list).map(toHex));
        expect(verifyInclusion(leafHash(entry), proof, tree.root)).toBe(true);
      });
    }
  });

  it('of one leaf is that leaf, with an empty path', () => {
    const leaf = leafHash(Uint8Array.of(1));
    expect(new MerkleTree([leaf]).root).toBe(leaf);
    expect(new MerkleTree([leaf]).path(0)).toEqual([]);
  });

  it('needs a leaf', () => {
    expect(() => new MerkleTree([])).toThrow(RangeError);
  });

  it('tells a leaf from an inner node of the same bytes', () => {
    const [left, right] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
    expect(toHex(leafHash(concat(left, right)))).not.toBe(toHex(new MerkleTree([left, right]).root));
  });
});

describe('an inclusion path', () => {
  const list = entries(21);
  const tree = new MerkleTree(list.map(leafHash));
  const leaves = list.map((entry, leafIndex) => ({
    leaf: leafHash(entry),
    proof: { treeSize: list.length, leafIndex, path: tree.path(leafIndex) },
  }));

  it('fails with any bit of the leaf or of the path flipped', () => {
    for (const { leaf, proof } of leaves.filter((_, i) => i % 5 === 0)) {
      for (let bit = 0; bit < 256; bit += 7) {
        const flip = (bytes: Uint8Array): Uint8Array =>
          bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(verifyInclusion(flip(leaf), proof, tree.root)).toBe(false);
        proof.path.forEach((_, step) => {
          const bent = proof.path.map((sibling, i) => (i === step ? flip(sibling) : sibling));
          expect(verifyInclusion(leaf, { ...proof, path: bent }, tree.root)).toBe(false);
        });
      }
    }
  });

  it('fails for every other leaf and every other place in the tree', () => {
    for (const { leaf, proof } of leaves) {
      for (let leafIndex = 0; leafIndex < 24; leafIndex++) {
        if (leafIndex !== proof.leafIndex) {
          expect(verifyInclusion(leaf, { ...proof, leafIndex }, tree.root)).toBe(false);
        }
      }
    }
  });

  it('fails when it is longer or shorter than the size of the tree asks for', () => {
    for (const { leaf, proof } of leaves) {
      expect(verifyInclusion(leaf, { ...proof, path: proof.path.slice(0, -1) }, tree.root)).toBe(false);
      expect(verifyInclusion(leaf, { ...proof, path: proof.path.slice(1) }, tree.root)).toBe(false);
      expect(verifyInclusion(leaf, { ...proof, path: [...proof.path, leaf] }, tree.root)).toBe(false);
    }
  });

  it('fails for a size of the tree in which the leaf has another path', () => {
    for (const { leaf, proof } of leaves) {
      for (const treeSize of [0, 1, 2, 4, 8, 16, 33, 64, 1_000, 2 ** 31 - 1]) {
        expect(verifyInclusion(leaf, { ...proof, treeSize }, tree.root)).toBe(false);
      }
    }
  });

  it('is impossible with a sibling that is no hash', () => {
    const leaf = leafHash(Uint8Array.of(0));
    expect(rootFromProof(leaf, { treeSize: 2, leafIndex: 0, path: [new Uint8Array(31)] })).toBeUndefined();
  });
});
