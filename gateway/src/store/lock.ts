/** Whether another process holds a file: SQLite's locks are POSIX locks, which Linux lists (proc(5), /proc/locks). */
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';

const LOCKS = '/proc/locks';

/** False too where the system does not list its locks. @throws what the file system throws for a file that is not there */
export function isLockedByAnyone(file: string): boolean {
  const wanted = statSync(file);
  let locks: string;
  try {
    locks = readFileSync(LOCKS, 'utf8');
  } catch {
    return false;
  }
  // `1: POSIX  ADVISORY  WRITE 812 fe:00:262154 1073741826 1073742335`
  return locks.split('\n').some((line) => {
    const [, type, , , pid = '', place = ''] = line.trim().split(/\s+/);
    return type === 'POSIX' && place.endsWith(`:${wanted.ino}`) && hasOpen(pid, wanted);
  });
}

/**
 * Inodes are numbers of one disk, and the disk that the list names is not the one that stat(2) names on every file
 * system, so who holds the lock is asked. Of somebody else's process, who cannot be asked, it is taken to be so.
 */
function hasOpen(pid: string, { dev, ino }: Stats): boolean {
  const open = `/proc/${pid}/fd`;
  try {
    return readdirSync(open).some((fd) => {
      const found = statSync(`${open}/${fd}`, { throwIfNoEntry: false });
      return found?.dev === dev && found.ino === ino;
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
