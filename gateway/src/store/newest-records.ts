/** The newest record of a device over all its logs: what a next epoch, or a next start, goes on from. */
import type { Sqlite } from './database.js';

export interface NewestRecord {
  readonly logId: Uint8Array;
  readonly epoch: number;
  /** The device's, as it came with the log. */
  readonly certificate: Uint8Array;
  readonly record: Uint8Array;
}

export class NewestRecords {
  private readonly statement: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statement = prepare(db);
  }

  /** Of the newest log that has a record. */
  find(device: string): NewestRecord | undefined {
    return this.statement.get(device);
  }
}

function prepare(db: Sqlite) {
  return db.prepare<[string], NewestRecord>(
    `SELECT l.log_id AS logId, l.epoch, l.certificate, r.bytes AS record
       FROM log l
       JOIN record r ON r.log = l.id AND r.seq = l.head
      WHERE l.device = ?
      ORDER BY l.epoch DESC, l.id DESC LIMIT 1`,
  );
}
