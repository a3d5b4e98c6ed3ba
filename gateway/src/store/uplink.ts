/** How far the city has confirmed the event log, and what is owed to it out of turn (SPEC.md, Uplink). */
import type { Sqlite } from './database.js';

/** Bytes that were sent on a day, `YYYY-MM-DD`. */
export interface DaySpent {
  readonly day: string;
  readonly bytes: number;
}

/** Each call is on disk when it returns. */
export class UplinkTable {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** Every event up to this position is confirmed. */
  get cursor(): number {
    return this.statements.row.get()?.cursor ?? 0;
  }

  saveCursor(position: number): void {
    this.statements.saveCursor.run(position);
  }

  get spent(): DaySpent {
    const { day, bytes } = this.statements.row.get() ?? { day: '', bytes: 0 };
    return { day, bytes };
  }

  saveSpent({ day, bytes }: DaySpent): void {
    this.statements.saveSpent.run(day, bytes);
  }

  /** Positions of the events that are not to wait for their turn, oldest first. */
  urgent(): number[] {
    return this.statements.urgent.all().map(({ position }) => position);
  }

  addUrgent(position: number): void {
    this.statements.addUrgent.run(position);
  }

  removeUrgent(position: number): void {
    this.statements.removeUrgent.run(position);
  }
}

function prepare(db: Sqlite) {
  return {
    row: db.prepare<[], { cursor: number; day: string; bytes: number }>(
      'SELECT cursor, day, bytes FROM uplink',
    ),
    saveCursor: db.prepare<[number]>('UPDATE uplink SET cursor = ?'),
    saveSpent: db.prepare<[string, number]>('UPDATE uplink SET day = ?, bytes = ?'),
    urgent: db.prepare<[], { position: number }>('SELECT position FROM uplink_urgent ORDER BY position'),
    addUrgent: db.prepare<[number]>('INSERT OR IGNORE INTO uplink_urgent VALUES (?)'),
    removeUrgent: db.prepare<[number]>('DELETE FROM uplink_urgent WHERE position = ?'),
  };
}
