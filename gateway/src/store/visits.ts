/** Who is in for which service, and since when. */
import type { Sqlite } from './database.js';
import type { VisitRow } from './rows.js';

export class VisitTable {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  all(): VisitRow[] {
    return this.statements.all.all().map(({ band, service, earliest, latest }) => ({
      band,
      service,
      time: { earliest: earliest ?? undefined, latest },
    }));
  }

  put({ band, service, time }: VisitRow): void {
    this.statements.put.run(band, service, time.earliest ?? null, time.latest);
  }

  remove(band: string, service: number): void {
    this.statements.remove.run(band, service);
  }
}

function prepare(db: Sqlite) {
  return {
    all: db.prepare<[], { band: string; service: number; earliest: number | null; latest: number }>(
      'SELECT * FROM visit',
    ),
    put: db.prepare<[string, number, number | null, number]>(
      'INSERT OR REPLACE INTO visit VALUES (?, ?, ?, ?)',
    ),
    remove: db.prepare<[string, number]>('DELETE FROM visit WHERE band = ? AND service = ?'),
  };
}
