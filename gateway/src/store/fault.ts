/** What a disk does to a database: it fills up, fails, or can only be read. None of it is anybody's record's fault. */
import Database from 'better-sqlite3';

export type StoreFaultCode = 'store/full' | 'store/readonly' | 'store/io' | 'store/corrupt';

/** Nothing was stored, and it may be tried again. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';

  constructor(
    readonly code: StoreFaultCode,
    cause: Error,
  ) {
    super(`${SAYS[code]} (${cause.message})`, { cause });
  }
}

const SAYS: Readonly<Record<StoreFaultCode, string>> = {
  'store/full': 'the disk of the database is full',
  'store/readonly': 'the disk of the database can only be read',
  'store/io': 'the disk of the database fails',
  'store/corrupt': 'the database is damaged: restore a backup',
};

/** SQLite's primary result codes; extended ones begin with them (https://www.sqlite.org/rescode.html). */
const CODES: readonly (readonly [string, StoreFaultCode])[] = [
  ['SQLITE_FULL', 'store/full'],
  ['SQLITE_READONLY', 'store/readonly'],
  ['SQLITE_IOERR', 'store/io'],
  ['SQLITE_CANTOPEN', 'store/io'],
  ['SQLITE_CORRUPT', 'store/corrupt'],
  ['SQLITE_NOTADB', 'store/corrupt'],
];

/** The fault behind an error of the database; everything else stays what it is. */
export function asStoreFault(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  const found = CODES.find(([prefix]) => code.startsWith(prefix));
  return found === undefined ? error : new StoreFault(found[1], error);
}
