import { MerkleTree, rootFromConsistency, toHex, verifyInclusion } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import type { TreeNode } from '../store/index.js';
import { LogTree, type NodeStore } from './log-tree.js';
import { TestLog } from './test-log.test.support.js';

class MemoryNodes implements NodeStore {
  readonly nodes = new Map<string, Uint8Array>();

  count(_epoch: number, level: number): number {
    return [...this.nodes.keys()].filter((name) => name.startsWith(`${level}/`)).length;
  }

  node(_epoch: number, level: number, place: number): Uint8Array | undefined {
    return this.nodes.get(`${level}/${place}`);
  }

  insert(_epoch: number, nodes: readonly TreeNode[]): void {
    for (const { level, place, hash } of nodes) this.nodes.set(`${level}/${place}`, hash);
  }
}

/** Sizes at and around the edges of stored subtrees. */
const SIZES = [1, 2, 255, 256, 257, 511, 512, 513, 768, 1_000, 1_025, 1_300];
const log = new TestLog(1_300);
const wholeTree = (size: number): MerkleTree => new MerkleTree(log.hashes(1, size));

describe('the tree over an event log', () => {
  it('is the same whether it grew step by step or all at once, and is that of RFC 9162', () => {
    const store = new MemoryNodes();
    const tree = new LogTree(log, store);
    for (const size of SIZES) {
      while (tree.grow(size, 1));
      expect(toHex(tree.root(size))).toBe(toHex(wholeTree(size).root));
    }
    const atOnce = new MemoryNodes();
    expect(new LogTree(log, atOnce).grow(1_300, 100)).toBe(false);
    expect([...atOnce.nodes.keys()].sort()).toEqual([...store.nodes.keys()].sort());
  });

  it('proves every event at every size, and every size to be the beginning of a later one', () => {
    const tree = new LogTree(log, new MemoryNodes());
    tree.grow(1_300, 100);
    for (const size of SIZES) {
      const root = tree.root(size);
      for (let seq = 1; seq <= size; seq += 97) {
        const path = tree.inclusion(seq, size);
        const proof = { treeSize: size, leafIndex: seq - 1, path };
        expect(verifyInclusion(log.hashes(seq, seq)[0] ?? root, proof, root)).toBe(true);
      }
      for (const earlierSize of SIZES.filter((earlier) => earlier <= size)) {
        const path = tree.consistency(earlierSize, size);
        const later = rootFromConsistency(tree.root(earlierSize), { earlierSize, laterSize: size, path });
        expect(later && toHex(later)).toBe(toHex(root));
      }
    }
  });

  it('goes on after a restart from what is stored, without making old leaves again', () => {
    const store = new MemoryNodes();
    new LogTree(log, store).grow(1_024, 100);
    log.asked = 0;
    const tree = new LogTree(log, store);
    expect(tree.grow(1_300, 100)).toBe(false);
    expect(toHex(tree.root(1_300))).toBe(toHex(wholeTree(1_300).root));
    expect(log.asked - 1_300).toBeLessThan(600);
  });

  it('costs two stored nodes for 256 events, and two tiles of leaves for a path', () => {
    const store = new MemoryNodes();
    const tree = new LogTree(log, store);
    tree.grow(1_300, 100);
    expect(store.nodes.size).toBe(5 + 2 + 1);
    log.asked = 0;
    tree.inclusion(7, 1_300);
    expect(log.asked).toBeLessThanOrEqual(2 * 256);
  });
});
