/** How far subscribers' sessions have confirmed. */
import type { Sqlite } from './database.js';

export interface CursorRow {
  readonly clientId: string;
  readonly account: string;
  readonly cursor: number;
}

/** Each call is on disk when it returns. */
export class CursorTable {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  load(clientId: string, account: string): number | undefined {
    return this.statements.load.get(clientId, account)?.seq;
  }

  save(rows: readonly CursorRow[]): void {
    const saveAll = this.db.transaction(() => {
      for (const { clientId, account, cursor } of rows) this.statements.save.run(clientId, account, cursor);
    });
    saveAll.immediate();
  }

  remove(clientId: string, account: string): void {
    this.statements.remove.run(clientId, account);
  }
}

function prepare(db: Sqlite) {
  return {
    load: db.prepare<[string, string], { seq: number }>(
      'SELECT seq FROM cursor WHERE client_id = ? AND account = ?',
    ),
    save: db.prepare<[string, string, number]>('INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)'),
    remove: db.prepare<[string, string]>('DELETE FROM cursor WHERE client_id = ? AND account = ?'),
  };
}
