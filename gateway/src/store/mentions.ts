/** Which events say something about somebody: found in their bytes, whatever their kind. */
import type { Sqlite } from './database.js';

export interface Mentioned {
  /** Bytes, one of which is in the record. */
  readonly needles: readonly Uint8Array[];
  /** Bands, one of which proved itself or logged it. */
  readonly bands: readonly string[];
}

export class MentionTables {
  constructor(private readonly db: Sqlite) {}

  /** Positions from `first` to `last`, in order. */
  events({ needles, bands }: Mentioned, first: number, last: number): number[] {
    const named = needles.map(() => 'OR instr(r.bytes, ?) > 0').join(' ');
    const names = JSON.stringify(bands);
    return this.db
      .prepare<unknown[], { seq: number }>(
        `SELECT e.seq FROM event e JOIN record r ON r.log = e.log AND r.seq = e.log_seq
          WHERE e.seq BETWEEN ? AND ? AND (e.band IN (SELECT value FROM json_each(?))
                OR e.log IN (SELECT id FROM log WHERE device IN (SELECT value FROM json_each(?))) ${named})
          ORDER BY e.seq`,
      )
      .all(first, last, names, names, ...needles)
      .map(({ seq }) => seq);
  }
}
