/**
 * The tree over the gateway's whole event log, grown beside the way of a record and never on it: a commit knows
 * nothing of it. Subtrees of 256 events and more are stored once they are whole; below that, leaves are made again
 * from the events (SPEC.md, Log tree).
 */
import { consistencyPath, inclusionPath, MerkleTree, nodeHash, treeRoot } from '@timeband/protocol';
import type { TreeNode } from '../store/index.js';

/** Stored subtrees are of this level and above: 256 events. */
const TILE_LEVEL = 8;
const TILE = 2 ** TILE_LEVEL;
/** Tiles kept in memory: that of a leaf, that at the end, and a few for those who ask in turn. */
const TILES_CACHED = 8;

/** The event log, as far as the tree needs it. */
export interface LeafSource {
  readonly epoch: number;
  /** Durable events of the epoch. */
  readonly head: number;
  /** Hashes of the events from `first` to `last`, which count from 1. */
  readonly hashes: (first: number, last: number) => readonly Uint8Array[];
}

/** Where whole subtrees are kept. */
export interface NodeStore {
  readonly count: (epoch: number, level: number) => number;
  readonly node: (epoch: number, level: number, place: number) => Uint8Array | undefined;
  readonly insert: (epoch: number, nodes: readonly TreeNode[]) => void;
}

export class LogTree {
  private whole: number;
  private readonly cached = new Map<number, MerkleTree>();

  constructor(
    private readonly source: LeafSource,
    private readonly store: NodeStore,
  ) {
    this.whole = store.count(source.epoch, TILE_LEVEL);
  }

  /** Stores at most `tiles` more. @returns whether there is more to do, up to `size` events */
  grow(size: number, tiles: number): boolean {
    const due = Math.floor(size / TILE);
    const nodes: TreeNode[] = [];
    const until = Math.min(due, this.whole + tiles);
    for (let tile = this.whole; tile < until; tile++) this.close(tile, nodes);
    if (nodes.length > 0) this.store.insert(this.source.epoch, nodes);
    this.whole = Math.max(this.whole, until);
    return until < due;
  }

  /** Root of the first `size` events, all of which {@link grow} has seen. */
  root(size: number): Uint8Array {
    return treeRoot(size, this.subtree);
  }

  /** Hash of event number `seq`, made again from the event. */
  leaf(seq: number): Uint8Array {
    return this.subtree(0, seq - 1);
  }

  /** Inclusion path of event number `seq` among the first `size`. */
  inclusion(seq: number, size: number): Uint8Array[] {
    return inclusionPath(seq - 1, size, this.subtree);
  }

  /** What shows that the first `earlier` events are the beginning of the first `later`. */
  consistency(earlier: number, later: number): Uint8Array[] {
    return consistencyPath(earlier, later, this.subtree);
  }

  private readonly subtree = (level: number, index: number): Uint8Array => {
    const below = TILE_LEVEL - level;
    const hash =
      below <= 0
        ? this.store.node(this.source.epoch, level, index)
        : this.tile(Math.floor(index / 2 ** below), ((index + 1) * 2 ** level - 1) % TILE).subtree(
            level,
            index % 2 ** below,
          );
    if (hash === undefined) throw new RangeError(`subtree ${level}/${index} is not whole yet`);
    return hash;
  };

  /** Adds a tile and every subtree that it completes. */
  private close(tile: number, nodes: TreeNode[]): void {
    const { epoch } = this.source;
    let hash = this.tile(tile, TILE - 1).root;
    let place = tile;
    for (let level = TILE_LEVEL; ; level++) {
      nodes.push({ level, place, hash });
      if (place % 2 === 0) return;
      const sibling = place - 1;
      const left =
        nodes.find((node) => node.level === level && node.place === sibling)?.hash ??
        this.store.node(epoch, level, sibling);
      if (left === undefined) throw new RangeError(`subtree ${level}/${sibling} is missing`);
      hash = nodeHash(left, hash);
      place = sibling / 2;
    }
  }

  /** The leaves of a tile, at least up to `last` within it. */
  private tile(tile: number, last: number): MerkleTree {
    let tree = this.cached.get(tile);
    if (tree === undefined || tree.size <= last) {
      const first = tile * TILE + 1;
      tree = new MerkleTree(this.source.hashes(first, Math.min(first + TILE - 1, this.source.head)));
    }
    this.cached.delete(tile);
    this.cached.set(tile, tree);
    for (const oldest of this.cached.keys()) {
      if (this.cached.size <= TILES_CACHED) break;
      this.cached.delete(oldest);
    }
    return tree;
  }
}
