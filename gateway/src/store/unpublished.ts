/** What became of records that have no event: withheld for a reason, or lost by their device before they came here. */
import type { Sqlite } from './database.js';

/** Records of a log that can no longer be had. */
export interface LostRow {
  readonly first: number;
  readonly last: number;
}

export class UnpublishedTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** A stored record is not published; `code` says why. Only within the transaction that stores it. */
  withhold(log: number, seq: number, code: string): void {
    this.statements.withhold.run(log, seq, code);
  }

  /** A device no longer has these records, and they never came here. The log goes on after them. */
  lose(log: number, { first, last }: LostRow): void {
    this.statements.lose.run(log, first, last);
  }
}

function prepare(db: Sqlite) {
  return {
    withhold: db.prepare<[number, number, string]>('INSERT INTO withheld VALUES (?, ?, ?)'),
    lose: db.prepare<[number, number, number]>('INSERT INTO lost VALUES (?, ?, ?)'),
  };
}
