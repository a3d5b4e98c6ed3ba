/** Whether another process holds a file: SQLite's locks are POSIX locks, which Linux lists (proc(5), /proc/locks). */
import { readFileSync, statSync } from 'node:fs';

const LOCKS = '/proc/locks';

/** False too where the system does not list its locks. @throws what the file system throws for a file that is not there */
export function isLockedByAnyone(file: string): boolean {
  const { ino } = statSync(file);
  let locks: string;
  try {
    locks = readFileSync(LOCKS, 'utf8');
  } catch {
    return false;
  }
  // `1: POSIX  ADVISORY  WRITE 812 fe:00:262154 1073741826 1073742335`
  return locks.split('\n').some((line) => line.includes(' POSIX ') && line.includes(`:${ino} `));
}
