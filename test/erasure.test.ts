/** A resident leaves: nothing of the account is left in what is kept of her, and everything that was signed still holds. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  approversOf,
  erase,
  EventLog,
  Ledger,
  loadCredentials,
  planErasure,
  Store,
  verifySite,
} from '@timeband/gateway';
import { approve, correctAction, encode, enrolAction, randomBytes, transferAction } from '@timeband/protocol';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GATEWAY, SITE } from './support/centre.js';
import { approved, House, nonce } from './support/house.js';

const NOW = Math.floor(Date.now() / 1_000);
const WHO = 'account-1';
const PSEUDONYM = 'left-1';
const salt = randomBytes(32);

let house: House;
let action: Uint8Array;
let digest: string;
beforeAll(async () => {
  house = await House.open();
  const { li, wang } = house.operators;
  const bring = async (record: object): Promise<void> => {
    expect((await house.ask('/v1/records', { method: 'POST', body: record })).status).toBe(201);
  };
  for (const [account, band] of [
    [WHO, 'band-1'],
    ['account-2', 'band-2'],
  ] as const) {
    const enrolment = { nonce: nonce(), at: NOW - 60, step: 'issued', account, band } as const;
    await bring(approved('enrol', enrolAction(enrolment), li));
    const late = { nonce: nonce(), at: NOW - 60, sort: 'lateEntry', reason: 'noDevice', account } as const;
    const times = { minutes: 600, service: 601, started: NOW - 40_000, ended: NOW - 4_000 };
    await bring(approved('correct', correctAction({ ...late, ...times }), li, wang));
  }
  const gift = {
    nonce: nonce(),
    at: NOW - 50,
    sort: 'gift',
    from: WHO,
    to: 'account-2',
    minutes: 60,
  } as const;
  await bring(approved('transfer', transferAction(gift), li, wang));
  await house.stop();
});
afterAll(() => house.close());

/** What stands in a database that no gateway runs on. */
function opened<T>(work: (store: Store, shared: Omit<Parameters<typeof planErasure>[0], 'store'>) => T): T {
  const { key, certificate } = loadCredentials(house.dir, SITE, GATEWAY, NOW);
  const store = new Store(house.files.database);
  try {
    const events = new EventLog(store, key, certificate);
    const eventHash = (event: number) => events.hashes(event, event)[0] ?? new Uint8Array();
    return work(store, { eventHash, account: WHO, pseudonym: PSEUDONYM, salt, hasUplink: false });
  } finally {
    store.close();
  }
}

function approvers() {
  const { config } = house;
  const found = approversOf(config, loadCredentials(house.dir, SITE, GATEWAY, NOW).trust);
  if (found === undefined) throw new Error('the operators are here');
  return found;
}

const verify = async (change: string): Promise<readonly string[]> => {
  const file = join(house.dir, 'changed.db');
  copyFileSync(house.files.database, file);
  const db = new Database(file);
  db.pragma('journal_mode = DELETE');
  db.exec(change);
  db.close();
  return (await verifySite(house.config, file, undefined)).findings.map(({ code }) => code);
};

describe('a resident who leaves', () => {
  it('is not forgotten without two operators, nor by what was approved for other records', () => {
    const { li, wang } = house.operators;
    action = opened((store, shared) => planErasure({ ...shared, store }, NOW - 10, nonce()));
    opened((store, shared) => {
      const options = { ...shared, store, site: SITE, approvers: approvers() };
      const by = (...keys: (typeof li)[]) => keys.map((key) => approve(key, SITE, action));
      expect(() => erase(options, action, by(li))).toThrow(/needs 2 different approvers/);
      expect(() => erase({ ...options, salt: randomBytes(32) }, action, by(li, wang))).toThrow(
        /not what is in/,
      );
      expect(() => erase({ ...options, account: 'account-2' }, action, by(li, wang))).toThrow(
        /not what is in/,
      );
      expect(() => planErasure({ ...options, pseudonym: 'account-2' }, NOW, nonce())).toThrow(/already/);
      expect(erase(options, action, by(li, wang))).toBe(3);
    });
  });

  it('is named nowhere in what is kept of records and minutes', () => {
    const db = new Database(house.files.database);
    const needle = encode(WHO);
    for (const sql of [
      'SELECT count(*) AS n FROM record WHERE instr(bytes, ?) > 0',
      'SELECT count(*) AS n FROM quarantine WHERE instr(bytes, ?) > 0',
    ])
      expect(db.prepare(sql).get(needle)).toEqual({ n: 0 });
    for (const sql of [
      'SELECT count(*) AS n FROM ledger_account WHERE ? IN (name, substr(name, 6))',
      'SELECT count(*) AS n FROM ledger_binding WHERE account = ?',
    ])
      expect(db.prepare(sql).get(WHO)).toEqual({ n: 0 });
    db.close();
  });

  it('leaves a database in which everything that was signed holds, and that comes to the same when it is made again', async () => {
    expect(await verify('')).toEqual([]);
    opened((store) => {
      const ledger = new Ledger({ store });
      digest = ledger.digest();
      expect([PSEUDONYM, 'account-2', WHO].map((name) => ledger.balance(name).minutes)).toEqual([
        540, 660, 0,
      ]);
      ledger.rebuild();
      expect(ledger.digest()).toBe(digest);
      expect(ledger.statement(PSEUDONYM).map(({ change }) => change)).toEqual([600, -60]);
    });
  });

  it('leaves no way to change an hour under that cover', async () => {
    for (const change of [
      ...['digest', 'event_hash', 'substitute'].map(
        (column) => `UPDATE erased SET ${column} = zeroblob(32) WHERE seq = 3`,
      ),
      'UPDATE record SET bytes = (SELECT bytes FROM record WHERE seq = 4) WHERE seq = 3',
      'DELETE FROM erased WHERE seq = 3',
      'DELETE FROM erased',
      'DELETE FROM erasure',
      'UPDATE erasure SET at = at + 1',
      'UPDATE erased SET erasure = 9',
      'UPDATE erased SET log = log + 1',
      'UPDATE erasure SET id = 9',
      'UPDATE erased SET seq = 9 WHERE seq = 3',
      'INSERT INTO erased SELECT log, 5, erasure, digest, event_hash, substitute FROM erased WHERE seq = 3',
    ])
      expect(await verify(change), change).not.toEqual([]);
    const db = new Database(house.files.database);
    const { body } = db.prepare<[], { body: Buffer }>('SELECT body FROM erasure').get() ?? {
      body: Buffer.alloc(0),
    };
    db.close();
    body[body.length - 5] = (body[body.length - 5] ?? 0) ^ 1; // in the last signature
    expect(await verify(`UPDATE erasure SET body = x'${body.toString('hex')}'`)).toEqual(['record/erasure']);
  });

  it('goes on under the pseudonym, at a gateway that starts again', async () => {
    await house.start();
    const { body } = await house.ask(`/v1/accounts/${PSEUDONYM}`);
    expect(body).toMatchObject({ minutes: 540, bands: [{ band: 'band-1' }] });
    expect((await house.ask(`/v1/accounts/${WHO}`)).status).toBe(404);
    const events: [unknown, boolean][] = [];
    for (let event = 1; event <= 6; event++) {
      const one = (await house.ask(`/v1/events/${event}`)).body;
      events.push([one['replaced'], one['receipt'] === null]);
    }
    expect(events).toEqual(
      [2, 3, 6].reduce(
        (all, n) => all.with(n - 1, [true, true]),
        Array<[unknown, boolean]>(6).fill([false, false]),
      ),
    );
    const { li, wang } = house.operators;
    const gift = {
      nonce: nonce(),
      at: NOW - 5,
      sort: 'gift',
      from: 'account-2',
      to: PSEUDONYM,
      minutes: 60,
    } as const;
    const done = await house.ask('/v1/records', {
      method: 'POST',
      body: approved('transfer', transferAction(gift), li, wang),
    });
    expect(done).toMatchObject({ status: 201 });
    expect((await house.ask('/v1/events/7')).body['receipt']).not.toBeNull();
    await house.stop();
    expect(await verify('')).toEqual([]);
  });
});
