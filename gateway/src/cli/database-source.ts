/**
 * A copy of a site's database as it is now. While a gateway runs only that can make it; where it may not write, as a
 * hardened service may not, it makes it in its own folder, and it is moved from there.
 */
import { closeSync, copyFileSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DRAFT } from '../backup/index.js';
import { siteFiles } from '../config/index.js';
import type { CopyAnswer } from '../ops/maintenance.js';
import { type CopyOptions, openSnapshot, type Store } from '../store/index.js';
import { CommandFailure } from './command-failure.js';
import { askJob } from './ask-job.js';
import { EXIT } from './exit-codes.js';

/** @throws CommandFailure, ControlError, StoreError */
export function databaseSource(dataDir: string): Pick<Store, 'backup'> {
  const { controlSocket, database } = siteFiles(dataDir);
  const askFor = async (file: string, run: CopyOptions): Promise<CopyAnswer | undefined> => {
    const answer = await askJob(controlSocket, { path: '/copy', query: { file }, ...run });
    return answer?.result as CopyAnswer | undefined;
  };
  return {
    backup: async (file, run = {}) => {
      const answer = await askFor(file, run);
      if (answer === undefined) return copyStopped(database, file, run);
      if (answer.refused === undefined) return;
      const draft = mkdtempSync(join(dataDir, DRAFT));
      try {
        const staged = join(draft, 'gateway.db');
        const again = await askFor(staged, run);
        if (again?.refused !== undefined) {
          throw new CommandFailure(
            EXIT.refused,
            `The gateway may not write to ${draft} (${again.refused}): run this as the user the gateway runs as.`,
          );
        }
        move(staged, file);
      } finally {
        rmSync(draft, { recursive: true, force: true });
      }
    },
  };
}

async function copyStopped(database: string, file: string, run: CopyOptions): Promise<void> {
  const snapshot = openSnapshot(database);
  try {
    await snapshot.store.backup(file, run);
  } finally {
    snapshot.close();
  }
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
    const fd = openSync(to, 'r+');
    fsyncSync(fd);
    closeSync(fd);
  }
}
