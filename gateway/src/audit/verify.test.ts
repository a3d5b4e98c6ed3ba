/** Whatever bit of a database flips, `verify` says so, or it is listed here why nobody could. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, openPolicy, policyDigest, signPolicy, systemTimers } from '@timeband/protocol';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CurrentEpoch } from '../events/index.js';
import { gateway, gatewayKey, issuer, NOW, SITE, trust } from '../events/devices.test.support.js';
import { Receipts } from '../receipts/index.js';
import { openSnapshot } from '../store/index.js';
import { Trail } from '../trail/index.js';
import { verifyDatabase, type VerifyReport } from './index.js';
import { TestSite } from './site.test.support.js';

/** More than 256 events, so that a subtree is kept. */
const COMMITS = 34;

/** Nothing is signed about these: what they are, and what happens if they change. */
const UNSIGNED: Readonly<Record<string, string>> = {
  'log.epoch': 'a name: the log id, which is signed, follows from it and from the log before',
  'log.time_floor': 'how much a next record’s time is narrowed',
  'log.forked': 'an alarm that people settle',
  'epoch.newest_epoch': 'said in the first event of the epoch, which is signed',
  'epoch.newest_seq': 'the same',
  'epoch.newest_hash': 'the same',
  'event.doubted': 'what a proof was found to be, by keys that are not in the database',
  'withheld.code': 'why; the record itself is sealed',
};
const OPERATIONAL =
  /^(visit|cursor|quarantine|counter|mqtt_\w+|uplink\w*|met_certificate|quarantine_count|log_total|ledger_\w+|course\w*|forward_\w+|sqlite_sequence)$/;
/** Nobody has left this site: test/erasure.test.ts flips these, where there are operators. */
const FLIPPED_ELSEWHERE = /^(erasure|erased)$/;

describe('verification of a database by certificates alone', () => {
  const site = new TestSite();
  let columns: string[] = [];
  beforeAll(async () => {
    await site.run(COMMITS);
    site.reader.records.push(encode(new Map([[1, 'rubbish']])));
    await site.commit(site.reader);
    await signHead(site);
    site.restore(NOW);
    await site.run(1);
    await signHead(site);
    await loseFour(site);
    const bytes = signPolicy(
      issuer,
      { number: 3, issued: NOW, site: SITE },
      { type: 'revocations', revocations: [] },
    );
    const { signer, payload } = openPolicy(bytes, trust, { site: SITE });
    await noteDeeds(site);
    site.store.policy.put({ signer, type: 'revocations', number: 3, digest: policyDigest(payload), bytes });
    site.store.close();
    const db = new Database(site.file);
    db.pragma('journal_mode = DELETE');
    columns = columnsOf(db);
    db.close();
  });
  afterAll(() => {
    site.close();
  });

  const verify = async (change: (db: Database.Database) => void): Promise<VerifyReport> => {
    const file = join(site.dir, 'changed.db');
    copyFileSync(site.file, file);
    const db = new Database(file);
    db.pragma('ignore_check_constraints = ON');
    db.pragma('foreign_keys = OFF');
    change(db);
    db.close();
    const snapshot = openSnapshot(file);
    try {
      return await verifyDatabase({ store: snapshot.store, site: SITE, trust, integrity: true });
    } finally {
      snapshot.close();
    }
  };

  it('holds as it is', async () => {
    const report = await verify(() => undefined);
    expect(report).toMatchObject({ verdict: 'good', findings: [] });
    expect(report.totals).toMatchObject({ quarantined: 1, lost: 4 });
  });

  it('names what changes in every column of every table with evidence in it', async () => {
    const unseen: string[] = [];
    let tried = 0;
    for (const name of columns) {
      const [table = '', column = ''] = name.split('.');
      if (OPERATIONAL.test(table) || FLIPPED_ELSEWHERE.test(table) || name in UNSIGNED) continue;
      const { verdict } = await verify((db) => {
        tried += flip(db, table, column);
      });
      if (verdict === 'good') unseen.push(name);
    }
    expect(unseen).toEqual([]);
    expect(tried).toBeGreaterThan(30);
  }, 60_000);

  it('names an index that does not fit its table', async () => {
    const { counts } = await verify((db) => {
      db.unsafeMode(true);
      db.pragma('writable_schema = ON');
      db.exec("DELETE FROM sqlite_schema WHERE name = 'log_device'");
    });
    expect(counts).toHaveProperty('database/damaged');
  });
});

function columnsOf(db: Database.Database): string[] {
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all();
  return tables.flatMap(({ name }) =>
    (db.pragma(`table_info(${name})`) as { name: string }[]).map((column) => `${name}.${column.name}`),
  );
}

/** Changes a column in the middle row of a table. @returns how many rows */
function flip(db: Database.Database, table: string, column: string): number {
  db.function('flip', (value: unknown) => {
    if (typeof value === 'number') return value ^ 1;
    if (value instanceof Uint8Array) {
      const copy = Uint8Array.from(value);
      copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 4;
      return Buffer.from(copy);
    }
    if (typeof value === 'string') return `${value.slice(0, -1)}~`;
    return null;
  });
  const keys = (db.pragma(`table_info(${table})`) as { name: string; pk: number }[])
    .filter(({ pk }) => pk > 0)
    .map(({ name }) => name)
    .join(', ');
  const where = `${column} IS NOT NULL`;
  const total =
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get()?.n ?? 0;
  const row = `(SELECT ${keys} FROM ${table} WHERE ${where} ORDER BY ${keys} LIMIT 1 OFFSET ${total >> 1})`;
  return db
    .prepare(`UPDATE OR REPLACE ${table} SET ${column} = flip(${column}) WHERE (${keys}) = ${row}`)
    .run().changes;
}

/** The reader overwrites records that never came here, and the log goes on after them. */
async function loseFour(site: TestSite): Promise<void> {
  const { store, reader } = site;
  const log = store.findLog(reader.logId);
  if (log === undefined) throw new Error('the log is there');
  site.punch();
  site.punch();
  const head = log.head + 4;
  store.transaction(() => {
    store.unpublished.lose(log.key, { first: log.head + 1, last: head });
    store.advanceLog({ ...log, head, hash: reader.hash(head) });
  });
  site.punch();
  await site.commit(reader);
}

async function noteDeeds({ store }: TestSite): Promise<void> {
  const trail = new Trail({
    ...{ store, site: SITE, gateway: gateway.subject, now: () => NOW, days: 1_095, timers: systemTimers },
    ...{ credentials: { key: gatewayKey, certificate: gateway }, log: pino({ level: 'silent' }) },
    counters: { count: () => undefined },
  });
  trail.start();
  for (const action of ['balance', 'statement', 'submit'])
    await trail.note({
      ...{ account: 'office', role: 'operator', way: 'http', action, given: '{}', outcome: 'done' },
    });
  trail.close();
}

async function signHead({ store, events }: TestSite): Promise<void> {
  const receipts = new Receipts({
    ...{ store, events: new CurrentEpoch(events), key: gatewayKey, certificate: gateway },
    ...{ timers: systemTimers, wallClock: () => NOW },
  });
  await receipts.head();
}
