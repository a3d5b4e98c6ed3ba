/** What a command of the box did itself goes into the trail: of the gateway that runs, or of the database of one that does not. */
import { existsSync } from 'node:fs';
import { systemTimers } from '@timeband/protocol';
import pino from 'pino';
import { loadConfig, loadCredentials, siteFiles } from '../config/index.js';
import { askControl } from '../ops/control.js';
import { Store } from '../store/index.js';
import { shortly, Trail } from '../trail/index.js';
import { boxUser } from './box-user.js';

const PATIENCE_MS = 10_000;

/** Where nothing was ever stored there is no trail yet, and nothing to protect. @throws what noting throws */
export async function noteDeed(config: string, action: string, given: object): Promise<void> {
  const by = boxUser();
  const { dataDir, site, gateway, storage } = loadConfig(config);
  const { controlSocket, database } = siteFiles(dataDir);
  try {
    const query = { action, given: JSON.stringify(given), outcome: 'done', by };
    const answer = await askControl(controlSocket, { path: '/note', query, timeoutMs: PATIENCE_MS });
    const { problem } = answer as { problem?: { detail: string } };
    if (problem === undefined) return;
    throw new Error(`it was done, and could not be noted in the trail: ${problem.detail}`);
  } catch (error) {
    if (!['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  if (!existsSync(database)) return;
  const now = (): number => Date.now() / 1_000;
  const store = new Store(database);
  try {
    const trail = new Trail({
      ...{ store, site, gateway, credentials: loadCredentials(dataDir, site, gateway, Math.floor(now())) },
      ...{ days: storage.trailDays, now, timers: systemTimers, log: pino({ level: 'silent' }) },
      counters: { count: () => undefined },
    });
    trail.start();
    const noted = trail.note({
      ...{ account: by, role: 'box', way: 'box', action, given: shortly(given), outcome: 'done' },
    });
    trail.close();
    await noted;
  } finally {
    store.close();
  }
}
