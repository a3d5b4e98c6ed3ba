/**
 * Transactions, and what SQLite would do at the end of one in ten: moving its write-ahead log into the database takes
 * longer than the transaction itself, so who waits for that one is answered first
 * (https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files).
 */
import type { Sqlite } from './database.js';

/** Pages in the log that are worth moving; SQLite's own default. */
const DUE_PAGES = 1_000;

export class Transactions {
  private readonly counted;
  private due: NodeJS.Timeout | undefined;

  constructor(private readonly db: Sqlite) {
    // Moves nothing, and says how much there is: SQLite 3.51 and later (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
    this.counted = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  }

  /** Runs `work` in one transaction that is on disk when this returns. */
  run(work: () => void): void {
    this.db.transaction(work).immediate();
    if (this.due !== undefined || this.db.inTransaction || this.waiting() < DUE_PAGES) return;
    // A timer, since what is done next in this turn of the loop may be another transaction.
    this.due = setTimeout(() => {
      this.due = undefined;
      this.checkpoint();
    }, 0);
  }

  /** Before the database is closed, which moves what is left. */
  close(): void {
    clearTimeout(this.due);
  }

  /** Pages that are in the log and not in the database. */
  private waiting(): number {
    return (
      quietly(() => {
        const { log, checkpointed } = this.counted.get() ?? { log: 0, checkpointed: 0 };
        return log - checkpointed;
      }) ?? 0
    );
  }

  private checkpoint(): void {
    quietly(() => this.db.pragma('wal_checkpoint(PASSIVE)'));
  }
}

/** Nothing is lost where the disk fails here: all of it is in the log, and the next transaction will say so. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
