/** The root of a tree that leaves are added to one after another, of which only the right edge is kept (RFC 9162 §2.1). */
import { nodeHash } from '@timeband/protocol';

interface Subtree {
  readonly level: number;
  readonly hash: Uint8Array;
}

export class GrowingTree {
  size = 0;
  private edge: Subtree[] = [];

  /** @param whole told of every subtree of 2^`level` leaves once it is whole, with its number among those of its level */
  constructor(
    private readonly whole: (level: number, place: number, hash: Uint8Array) => void = () => undefined,
  ) {}

  add(leaf: Uint8Array): void {
    this.size++;
    let subtree: Subtree = { level: 0, hash: leaf };
    for (let left = this.edge.at(-1); left?.level === subtree.level; left = this.edge.at(-1)) {
      this.edge.pop();
      subtree = { level: subtree.level + 1, hash: nodeHash(left.hash, subtree.hash) };
      this.whole(subtree.level, this.size / 2 ** subtree.level - 1, subtree.hash);
    }
    this.edge.push(subtree);
  }

  /** Of the leaves so far; undefined before the first. */
  get root(): Uint8Array | undefined {
    return this.edge
      .map(({ hash }) => hash)
      .reduceRight<Uint8Array | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      );
  }

  clear(): void {
    this.size = 0;
    this.edge = [];
  }
}
