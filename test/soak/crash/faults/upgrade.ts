/** A newer program finds a database of an older one, and is killed while it brings it up to date. */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { MIGRATIONS } from '@timeband/gateway';
import { pause } from '../gateway-program.js';
import type { Fault } from './fault.js';

/** Steps that the older program knew: all that this site's records need. */
const OLD_VERSION = 6;
const KILLS = 4;
const STARTING_MS = 700;
/** What was never derived is taken in while the gateway works. */
const LOOK_MS = 100;

export const upgradeFaults: Readonly<Record<string, Fault>> = {
  'upgrade-killed': {
    says: 'killed again and again while it brings an older database up to date',
    happen: async (stage) => {
      await stage.gateway.stop();
      makeOld(stage.site.files.database);
      for (let kill = 0; kill < KILLS; kill++) {
        stage.gateway.begin();
        await pause(stage.random.below(STARTING_MS));
        await stage.gateway.kill();
      }
      await stage.gateway.start();
      await stage.flows();
      while ((await stage.gateway.status()).books.behind > 0) await pause(LOOK_MS);
      return `from version ${OLD_VERSION} to ${MIGRATIONS.length}`;
    },
  },
};

/** Steps only add tables and columns, so what an older program would have is a part of what there is. */
function makeOld(file: string): void {
  const old = `${file}.old`;
  rmSync(old, { force: true });
  const db = new Database(old);
  for (const step of MIGRATIONS.slice(0, OLD_VERSION)) db.exec(step);
  db.pragma(`user_version = ${OLD_VERSION}`);
  db.exec(`ATTACH '${file}' AS newer`);
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all();
  for (const { name } of tables) {
    const columns = db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(name);
    const list = columns.map((column) => column.name).join(', ');
    db.exec(`INSERT INTO main.${name} (${list}) SELECT ${list} FROM newer.${name}`);
  }
  db.close();
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  renameSync(old, file);
  chmodSync(file, 0o600);
}
