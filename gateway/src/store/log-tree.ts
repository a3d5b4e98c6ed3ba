/** What is kept of the tree over all events: subtrees that are whole, which never change, and the newest signed head. */
import type { Sqlite } from './database.js';

export interface TreeNode {
  /** The subtree is of 2^`level` events. */
  readonly level: number;
  /** Its number among those of its level, from 0. */
  readonly place: number;
  readonly hash: Uint8Array;
}

export class LogTreeTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  /** How many nodes of a level there are. They come in order, so it is the next one's place. */
  count(epoch: number, level: number): number {
    return (this.statements.last.get(epoch, level)?.place ?? -1) + 1;
  }

  node(epoch: number, level: number, place: number): Uint8Array | undefined {
    return this.statements.node.get(epoch, level, place)?.hash;
  }

  /** All of them or none. */
  insert(epoch: number, nodes: readonly TreeNode[]): void {
    this.db.transaction(() => {
      for (const { level, place, hash } of nodes) this.statements.insert.run(epoch, level, place, hash);
    })();
  }

  head(epoch: number): Uint8Array | undefined {
    return this.statements.head.get(epoch)?.bytes;
  }

  putHead(epoch: number, bytes: Uint8Array): void {
    this.statements.putHead.run(epoch, bytes);
  }
}

function prepare(db: Sqlite) {
  return {
    last: db.prepare<[number, number], { place: number }>(
      'SELECT place FROM tree_node WHERE epoch = ? AND level = ? ORDER BY place DESC LIMIT 1',
    ),
    node: db.prepare<[number, number, number], { hash: Uint8Array }>(
      'SELECT hash FROM tree_node WHERE epoch = ? AND level = ? AND place = ?',
    ),
    insert: db.prepare<[number, number, number, Uint8Array]>('INSERT INTO tree_node VALUES (?, ?, ?, ?)'),
    head: db.prepare<[number], { bytes: Uint8Array }>('SELECT bytes FROM tree_head WHERE epoch = ?'),
    putHead: db.prepare<[number, Uint8Array]>('INSERT OR REPLACE INTO tree_head VALUES (?, ?)'),
  };
}
