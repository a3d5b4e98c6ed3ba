/** Merkle trees over the events of one commit, and what proves a leaf or an earlier tree to be in a tree (RFC 9162 §2.1). */
import { HASH_BYTES } from '../log/chain.js';
import { sha256 } from '../crypto/index.js';
import { equalBytes } from '../bytes.js';

const LEAF = 0x00;
const NODE = 0x01;

const node = new Uint8Array(1 + 2 * HASH_BYTES); // scratch: one allocation for all inner nodes
node[0] = NODE;

/** `SHA-256(0x01 ‖ left ‖ right)` */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** `SHA-256(0x00 ‖ entry)` */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(entry.length + 1);
  input[0] = LEAF;
  input.set(entry, 1);
  return sha256(input);
}

/** A tree over leaf hashes, kept by levels: a level's odd last node moves up unchanged. */
export class MerkleTree {
  /** The hash that a commit signs. */
  readonly root: Uint8Array;
  private readonly levels: (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    this.levels = [leaves];
    for (let level = leaves; level.length > 1;) {
      const above: Uint8Array[] = [];
      level.forEach((left, i) => {
        const right = level[i + 1];
        if (i % 2 === 0) above.push(right === undefined ? left : nodeHash(left, right));
      });
      this.levels.push(above);
      level = above;
    }
    const root = this.levels.at(-1)?.[0];
    if (root === undefined) throw new RangeError('a tree needs a leaf');
    this.root = root;
  }

  get size(): number {
    return this.levels[0]?.length ?? 0;
  }

  /** Hash of the subtree of 2^`level` leaves that begins at leaf `index * 2^level`; undefined unless it is whole. */
  subtree(level: number, index: number): Uint8Array | undefined {
    return (index + 1) * 2 ** level <= this.size ? this.levels[level]?.[index] : undefined;
  }

  /** The inclusion path of a leaf, from the leaf upwards; empty for a tree of one. */
  path(index: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    for (const level of this.levels) {
      const sibling = level[index ^ 1];
      if (sibling !== undefined) path.push(sibling);
      index >>= 1;
    }
    return path;
  }
}

export interface InclusionProof {
  readonly treeSize: number;
  readonly leafIndex: number;
  readonly path: readonly Uint8Array[];
}

/** The root that a leaf and its path lead to, or nothing when the path cannot belong to them (RFC 9162 §2.1.3.2). */
export function rootFromProof(leaf: Uint8Array, proof: InclusionProof): Uint8Array | undefined {
  let fn = proof.leafIndex;
  let sn = proof.treeSize - 1;
  if (fn > sn) return undefined;
  let hash = leaf;
  for (const sibling of proof.path) {
    if (sn === 0 || sibling.length !== HASH_BYTES) return undefined;
    if ((fn & 1) === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while ((fn & 1) === 0 && fn !== 0) {
        fn >>>= 1;
        sn >>>= 1;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn >>>= 1;
    sn >>>= 1;
  }
  return sn === 0 ? hash : undefined;
}

/** Whether the leaf is in the tree with this root. */
export function verifyInclusion(leaf: Uint8Array, proof: InclusionProof, root: Uint8Array): boolean {
  const found = rootFromProof(leaf, proof);
  return found !== undefined && equalBytes(found, root);
}

export interface ConsistencyProof {
  readonly earlierSize: number;
  readonly laterSize: number;
  readonly path: readonly Uint8Array[];
}

/**
 * The root of the later tree, of which the tree with the earlier root is the beginning, or nothing when the path
 * does not lead from there (RFC 9162 §2.1.4.2).
 */
export function rootFromConsistency(
  earlierRoot: Uint8Array,
  proof: ConsistencyProof,
): Uint8Array | undefined {
  const { earlierSize, laterSize } = proof;
  if (earlierSize < 1 || earlierSize > laterSize) return undefined;
  if (earlierSize === laterSize) return proof.path.length === 0 ? earlierRoot : undefined;
  // A size that is a power of two is one whole subtree, which the verifier knows already.
  const isWhole = (earlierSize & (earlierSize - 1)) === 0;
  const [first, ...rest] = isWhole ? [earlierRoot, ...proof.path] : proof.path;
  if (first?.length !== HASH_BYTES) return undefined;
  let fn = earlierSize - 1;
  let sn = laterSize - 1;
  while ((fn & 1) === 1) {
    fn >>>= 1;
    sn >>>= 1;
  }
  let earlier = first;
  let later = first;
  for (const sibling of rest) {
    if (sn === 0 || sibling.length !== HASH_BYTES) return undefined;
    if ((fn & 1) === 1 || fn === sn) {
      earlier = nodeHash(sibling, earlier);
      later = nodeHash(sibling, later);
      while ((fn & 1) === 0 && fn !== 0) {
        fn >>>= 1;
        sn >>>= 1;
      }
    } else {
      later = nodeHash(later, sibling);
    }
    fn >>>= 1;
    sn >>>= 1;
  }
  return sn === 0 && equalBytes(earlier, earlierRoot) ? later : undefined;
}
