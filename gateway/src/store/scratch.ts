/** A database of its own for a while: to derive something again without touching what is there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database.js';
import type { Snapshot } from './snapshot.js';
import { Store } from './store.js';

export function openScratch(): Snapshot {
  const dir = mkdtempSync(join(tmpdir(), 'timeband-scratch-'));
  const file = join(dir, 'gateway.db');
  const store = new Store(file, openDatabase(file));
  return {
    store,
    close: () => {
      store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
