/** Opens a database to look at it without ever writing into it: a backup as it stands, anything else by a copy. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase, StoreError } from './database.js';
import { isLockedByAnyone } from './lock.js';
import { MIGRATIONS } from './schema.js';
import { Store } from './store.js';

export interface Snapshot {
  readonly store: Store;
  /** Removes the copy, where there is one. */
  readonly close: () => void;
}

/** @throws StoreError for what cannot be read, and for a database that a running gateway writes to: half of a commit is no state */
export function openSnapshot(file: string): Snapshot {
  const direct = isWithoutLog(file) ? openDirect(file) : undefined;
  return direct ?? openCopy(file);
}

/** A database with a write-ahead log cannot be read without writing beside it (https://www.sqlite.org/fileformat.html §1.3.3). */
function isWithoutLog(file: string): boolean {
  const header = Buffer.alloc(20);
  try {
    const fd = openSync(file, 'r');
    try {
      readSync(fd, header, 0, header.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new StoreError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (header.toString('latin1', 0, 15) !== 'SQLite format 3') throw new StoreError(`${file} is no database`);
  return header[18] === 1 && header[19] === 1;
}

/** @returns nothing where the file is of an earlier version, whose copy is brought up to date */
function openDirect(file: string): Snapshot | undefined {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    if (db.pragma('user_version', { simple: true }) === MIGRATIONS.length) {
      const store = new Store(file, db);
      return {
        store,
        close: () => {
          store.close();
        },
      };
    }
  } catch (error) {
    db.close();
    throw asStoreError(file, error);
  }
  db.close();
  return undefined;
}

function openCopy(file: string): Snapshot {
  const log = `${file}-wal`;
  const parts = [file, ...(existsSync(log) ? [log] : [])];
  const needed = parts.reduce((sum, part) => sum + statSync(part).size, 0);
  const dir = mkdtempSync(join(tmpdir(), 'timeband-snapshot-'));
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const { bavail, bsize } = statfsSync(dir);
    if (bavail * bsize < needed) {
      throw new StoreError(
        `${file} has to be copied to be looked at, and ${tmpdir()} has no room for its ${needed} bytes. Set TMPDIR to a folder that has.`,
      );
    }
    const copy = join(dir, 'gateway.db');
    refuseInUse(file);
    for (const part of parts) copyFileSync(part, copy + part.slice(file.length), constants.COPYFILE_FICLONE);
    refuseInUse(file); // a gateway may have started meanwhile
    const store = new Store(copy, openDatabase(copy));
    return {
      store,
      close: () => {
        store.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw asStoreError(file, error);
  }
}

function refuseInUse(file: string): void {
  if (!isLockedByAnyone(file)) return;
  throw new StoreError(
    `${file} is in use by a gateway that does not answer on its control socket: wait until it does, or stop it`,
  );
}

function asStoreError(file: string, error: unknown): Error {
  if (!(error instanceof Database.SqliteError)) return error as Error;
  return new StoreError(`${file} cannot be read: ${error.message}`);
}
