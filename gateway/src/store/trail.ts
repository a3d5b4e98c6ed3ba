/** What operators did: entries in the order of their numbers, and signed heads over them. */
import type { Sqlite } from './database.js';

export interface TrailRow {
  readonly seq: number;
  /** `h(seq - 1)`. */
  readonly previous: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
  readonly account: string;
  readonly bytes: Uint8Array;
}

export interface TrailHeadRow {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface TrailSpan {
  /** Only entries before this number; the newest first. */
  readonly before: number;
  /** Unix seconds; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
  readonly account?: string | undefined;
  readonly limit: number;
}

export class TrailTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  add({ seq, previous, at, account, bytes }: TrailRow): void {
    this.statements.add.run(seq, previous, at, account, bytes);
  }

  newest(): TrailRow | undefined {
    return this.statements.newest.get();
  }

  oldest(): TrailRow | undefined {
    return this.statements.oldest.get();
  }

  /** Entries after a number. */
  after(seq: number, limit: number): readonly TrailRow[] {
    return this.statements.after.all(seq, limit);
  }

  find({ before, from, to, account, limit }: TrailSpan): readonly TrailRow[] {
    const { find, findOf } = this.statements;
    return account === undefined
      ? find.all(before, from, to, limit)
      : findOf.all(account, before, from, to, limit);
  }

  /** Number of the newest of the `most` oldest entries that are from before a moment. */
  endOf(before: number, most: number): number | undefined {
    return this.statements.endOf.get(most, before)?.seq ?? undefined;
  }

  /** Entries up to a number are gone, and the heads that covered nothing else. */
  forget(upTo: number): void {
    this.statements.forget.run(upTo);
    this.statements.forgetHeads.run(upTo);
  }

  heads(): readonly TrailHeadRow[] {
    return this.statements.heads.all();
  }

  newestHead(): TrailHeadRow | undefined {
    return this.statements.newestHead.get();
  }

  putHead({ seq, bytes }: TrailHeadRow): void {
    this.statements.putHead.run(seq, bytes);
  }

  removeHead(seq: number): void {
    this.statements.removeHead.run(seq);
  }
}

function prepare(db: Sqlite) {
  const columns = 'seq, previous, at, account, bytes';
  return {
    add: db.prepare<[number, Uint8Array, number, string, Uint8Array]>(
      `INSERT INTO trail (${columns}) VALUES (?, ?, ?, ?, ?)`,
    ),
    newest: db.prepare<[], TrailRow>(`SELECT ${columns} FROM trail ORDER BY seq DESC LIMIT 1`),
    oldest: db.prepare<[], TrailRow>(`SELECT ${columns} FROM trail ORDER BY seq LIMIT 1`),
    after: db.prepare<[number, number], TrailRow>(
      `SELECT ${columns} FROM trail WHERE seq > ? ORDER BY seq LIMIT ?`,
    ),
    find: db.prepare<[number, number, number, number], TrailRow>(
      `SELECT ${columns} FROM trail WHERE seq < ? AND at >= ? AND at < ? ORDER BY seq DESC LIMIT ?`,
    ),
    findOf: db.prepare<[string, number, number, number, number], TrailRow>(
      `SELECT ${columns} FROM trail WHERE account = ? AND seq < ? AND at >= ? AND at < ? ORDER BY seq DESC LIMIT ?`,
    ),
    endOf: db.prepare<[number, number], { seq: number | null }>(
      'SELECT max(seq) AS seq FROM (SELECT seq, at FROM trail ORDER BY seq LIMIT ?) WHERE at < ?',
    ),
    forget: db.prepare<[number]>('DELETE FROM trail WHERE seq <= ?'),
    forgetHeads: db.prepare<[number]>('DELETE FROM trail_head WHERE seq <= ?'),
    heads: db.prepare<[], TrailHeadRow>('SELECT seq, bytes FROM trail_head ORDER BY seq'),
    newestHead: db.prepare<[], TrailHeadRow>('SELECT seq, bytes FROM trail_head ORDER BY seq DESC LIMIT 1'),
    putHead: db.prepare<[number, Uint8Array]>('INSERT OR REPLACE INTO trail_head VALUES (?, ?)'),
    removeHead: db.prepare<[number]>('DELETE FROM trail_head WHERE seq = ?'),
  };
}
