/**
 * Copies a database that is being written to, a few pages at a time. Only the connection that writes can do it: for
 * any other the copy would begin anew with every commit (https://www.sqlite.org/backup.html).
 */
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Sqlite } from './database.js';

export interface CopyOptions {
  /** Told of every step, in pages. */
  readonly progress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Asked at every step; throws to end it. */
  readonly goOn?: (() => void) | undefined;
}

/** Pages between two turns of the loop: under a millisecond. */
const PAGES = 100;

/** Writes `file` new, for its owner alone, and as one file without a write-ahead log beside it. */
export async function copyDatabase(
  db: Sqlite,
  file: string,
  { progress, goOn }: CopyOptions = {},
): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600));
  try {
    await db.backup(file, {
      progress: ({ totalPages, remainingPages }) => {
        goOn?.();
        progress?.({ done: totalPages - remainingPages, total: totalPages });
        return PAGES;
      },
    });
    const copy = new Database(file);
    copy.pragma('journal_mode = DELETE');
    copy.close();
    syncFile(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Returns when a file is on disk. */
export function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
