/**
 * What an upgrade does in the gateway's folder while the gateway is stopped. It opens the database without bringing it up
 * to date, and knows of its tables only those that every version has: records and events are only ever added.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { copyDatabase, syncFile } from '../store/backup.js';
import { UpgradeError } from './upgrade-error.js';

/** What the gateway has promised to others on the strength of a database, by table. */
type Promises = ReadonlyMap<string, string>;

/** Events, acknowledged records, policy and epochs. The last two tables came later than the first version. */
const PROMISES: Readonly<Record<string, string>> = {
  commit_signature: 'SELECT last, hex(head) FROM commit_signature ORDER BY first DESC LIMIT 1',
  log: 'SELECT count(*), sum(head), sum(forked) FROM log',
  policy: 'SELECT hex(signer), type, number FROM policy ORDER BY 1, 2',
  epoch: 'SELECT max(epoch) FROM epoch',
};

/** @returns the version of its tables, or nothing where there is no database yet @throws UpgradeError when it is in use or cannot be read */
export function schemaOf(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  return withDatabase(file, (db) => Number(db.pragma('user_version', { simple: true })));
}

/** Copies the database and holds the copy against it, page by page and by what was promised. @throws UpgradeError */
export async function copyVerified(file: string, copy: string): Promise<void> {
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  rmSync(copy, { force: true });
  const needed = sizeOf(file) + sizeOf(`${file}-wal`);
  const { bavail, bsize } = statfsSync(dirname(copy));
  if (bavail * bsize < needed * 1.1) {
    throw new UpgradeError(
      `the new version changes the database, and there is no room for a copy of it: ${Math.ceil(needed / 1_000_000)} MB are needed beside ${file}. Make room and upgrade again.`,
    );
  }
  const db = open(file);
  let before: Promises;
  try {
    before = promisesOf(db);
    await copyDatabase(db, copy);
  } finally {
    db.close();
  }
  const { problem, promises } = withDatabase(copy, (made) => ({
    problem: made.pragma('quick_check(1)', { simple: true }),
    promises: promisesOf(made),
  }));
  if (problem !== 'ok' || !isKept(before, promises)) {
    rmSync(copy, { force: true });
    throw new UpgradeError(
      `the copy of the database does not verify (${String(problem)}). Look at it with timeband-gateway verify, and at the disk.`,
    );
  }
}

/**
 * Puts a copy back in one step, and keeps what it replaces.
 *
 * @returns whether it is in place: not when somebody was promised something since it was made
 */
export function restoreCopy(file: string, copy: string, replaced: string): boolean {
  const kept = withDatabase(copy, promisesOf);
  // What stood in the log goes into the file, so that the file alone is all there is.
  const now = withDatabase(file, (db) => {
    db.pragma('wal_checkpoint(TRUNCATE)');
    return promisesOf(db);
  });
  if (!isKept(kept, now)) return false;
  rmSync(replaced, { force: true });
  linkSync(file, replaced);
  copyFileSync(copy, `${file}.back`);
  syncFile(`${file}.back`);
  for (const part of ['-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
  renameSync(`${file}.back`, file);
  return true;
}

export function holdTrial(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, '', { mode: 0o600, flush: true });
}

export function endHold(file: string): void {
  rmSync(file, { force: true });
}

function promisesOf(db: Database.Database): Promises {
  const tables = new Set(
    db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
  );
  return new Map(
    Object.entries(PROMISES)
      .filter(([table]) => tables.has(table))
      .map(([table, sql]) => [table, JSON.stringify(db.prepare(sql).all())]),
  );
}

/** Whether what was promised then is all that is promised now. A table that came with an upgrade says nothing of it. */
function isKept(then: Promises, now: Promises): boolean {
  return Array.from(then).every(([table, rows]) => now.get(table) === rows);
}

function withDatabase<T>(file: string, work: (db: Database.Database) => T): T {
  const db = open(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function open(file: string): Database.Database {
  const db = new Database(file, { fileMustExist: true, timeout: 5_000 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('synchronous = FULL');
    // Takes the lock: the gateway is stopped, or this is refused.
    db.exec('BEGIN IMMEDIATE; COMMIT');
    return db;
  } catch (error) {
    db.close();
    throw new UpgradeError(`${file} cannot be used: ${(error as Error).message}`);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
