/** Opens the gateway's SQLite file so that a commit means the disk. */
import { chmodSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { VERSION } from '../version.js';
import { MIGRATIONS } from './schema.js';
import { ExpectedError } from '../expected-error.js';

export type Sqlite = Database.Database;

/** The file cannot be used as it is. */
export class StoreError extends ExpectedError {
  override readonly name = 'StoreError';
}

/** How long to wait for a gateway that is just ending. */
const BUSY_MS = 2_000;

/** Opens or makes the file, for this process alone. @throws StoreError */
export function openDatabase(file: string): Sqlite {
  const isNew = !existsSync(file);
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    if (isNew) chmodSync(file, 0o600);
    // Two gateways on one file would both number events; the lock goes with the process, however it ends.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    // A WAL database reopens with NORMAL, under which a power cut loses commits that were acknowledged.
    db.pragma('synchronous = FULL');
    // Where nobody lets Transactions do it in between.
    db.pragma('wal_autocheckpoint = 4000');
    db.pragma('foreign_keys = OFF'); // references document; every insert here names rows of the same transaction
    db.pragma('cache_size = -8192');
    if (db.pragma('synchronous', { simple: true }) !== 2)
      throw new StoreError(`${file}: synchronous=FULL was not accepted`);
    migrate(db, file);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError) {
      throw error.code === 'SQLITE_BUSY'
        ? new StoreError(`${file} is in use by a gateway that is running`)
        : new StoreError(`${file} cannot be used: ${error.message}`);
    }
    throw error;
  }
}

function migrate(db: Sqlite, file: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `${file} is of version ${version}, this program (${VERSION}) knows versions up to ${MIGRATIONS.length}: a newer timeband-gateway has used it. Nothing was changed. Run that version again, or a newer one; timeband-gateway upgrade --status shows which are here. timeband-gateway upgrade --back takes the last upgrade back, if nothing was published since.`,
    );
  }
  // Immediate: it takes the lock now. Where there is nothing to do it writes nothing, since the disk may be full.
  db.transaction(() => {
    if (version === MIGRATIONS.length) return;
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}
