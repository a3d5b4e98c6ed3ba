/** What cannot be used, kept for people to look at. */
import type { Sqlite } from './database.js';

/** Kept per device; what comes beyond is counted only, so that a hostile device cannot fill the disk. */
const MOST_PER_DEVICE = 1_000;

export interface Quarantined {
  /** Unix seconds. */
  readonly at: number;
  readonly device: string;
  readonly code: string;
  readonly message: string;
  readonly bytes: Uint8Array;
}

export class QuarantineTable {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** @returns whether it was kept: not when it is there already, or the device has filled its share */
  keep({ at, device, code, message, bytes }: Quarantined): boolean {
    if ((this.statements.ofDevice.get(device)?.n ?? 0) >= MOST_PER_DEVICE) return false;
    return this.statements.keep.run(at, device, code, message, bytes).changes > 0;
  }

  /** Removes what was kept before `at`, Unix seconds, the oldest first. @returns how many */
  forget(at: number, most: number): number {
    return this.statements.forget.run(at, most).changes;
  }

  /** How many there are, by why they are there. */
  byCode(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.statements.byCode.all().map(({ code, n }) => [code, n]));
  }

  get total(): number {
    return this.statements.total.get()?.n ?? 0;
  }
}

function prepare(db: Sqlite) {
  return {
    ofDevice: db.prepare<[string], { n: number | null }>(
      'SELECT sum(n) AS n FROM quarantine_count WHERE device = ?',
    ),
    keep: db.prepare<[number, string, string, string, Uint8Array]>(
      'INSERT OR IGNORE INTO quarantine (at, device, code, message, bytes) VALUES (?, ?, ?, ?, ?)',
    ),
    // Ids grow with time, so only the oldest are looked at.
    forget: db.prepare<[number, number]>(
      'DELETE FROM quarantine WHERE at < ? AND id IN (SELECT id FROM quarantine ORDER BY id LIMIT ?)',
    ),
    byCode: db.prepare<[], { code: string; n: number }>(
      'SELECT code, sum(n) AS n FROM quarantine_count GROUP BY code ORDER BY code',
    ),
    total: db.prepare<[], { n: number | null }>('SELECT sum(n) AS n FROM quarantine_count'),
  };
}
