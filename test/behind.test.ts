/** A gateway on a database that its ledger has not taken in: it works, says so, and answers nothing by half. */
import Database from 'better-sqlite3';
import { Store } from '@timeband/gateway';
import { enrolAction } from '@timeband/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, House, nonce } from './support/house.js';

const NOW = Math.floor(Date.now() / 1_000);
const issue = (account: string) =>
  enrolAction({ nonce: nonce(), at: NOW - 60, step: 'issued', account, band: `band-of-${account}` });

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

const bring = (account: string) =>
  house.ask('/v1/records', {
    method: 'POST',
    body: approved('enrol', issue(account), house.operators.li),
  });

/** As an earlier program left it, which derived nothing; the record of an event with other bytes. @returns those before */
function forget(event: number, bytes: Buffer): Buffer {
  const store = new Store(house.files.database);
  store.ledger.clear();
  store.courses.clear();
  store.close();
  const db = new Database(house.files.database);
  const of = 'FROM event WHERE event.seq = @event AND record.log = event.log AND record.seq = event.log_seq';
  const where = `EXISTS (SELECT 1 ${of})`;
  const row = db.prepare(`SELECT bytes FROM record WHERE ${where}`).get({ event }) as { bytes: Buffer };
  db.prepare(`UPDATE record SET bytes = @bytes WHERE ${where}`).run({ event, bytes });
  db.close();
  return row.bytes;
}

describe('a ledger that is behind its events', () => {
  it('holds up no gateway, and is asked nothing until it has taken them in', async () => {
    const { body } = await bring('account-1');
    expect((await bring('account-2')).status).toBe(201);
    const event = Number(body['event']);
    await house.stop();
    const bytes = forget(event, Buffer.of(0));
    await house.start();

    const behind = {
      type: 'urn:timeband:api/behind',
      detail: expect.stringContaining('behind by') as string,
    };
    expect(await house.ask('/v1/accounts/account-2')).toMatchObject({
      ...{ status: 503, body: behind },
      headers: { 'retry-after': '10' },
    });
    expect(await bring('account-3')).toMatchObject({ status: 503, body: behind });
    expect(await house.command('/ask/accounts', {})).toMatchObject({ problem: { status: 503 } });
    expect((await house.ask('/v1/catalogue')).status).toBe(200);
    expect(await house.command('/status', {})).toMatchObject({
      books: { behind: expect.any(Number) as number, problem: expect.any(String) as string },
    });
    expect((await house.ask('/v1/health')).text).toMatch(/"name":"books","needed":false,"good":false/);
    expect(house.log).toMatch(/ALARM: the books cannot go on/);

    await house.stop();
    forget(event, bytes);
    await house.start();
    expect(await house.ask('/v1/accounts/account-2')).toMatchObject({ status: 200 });
    expect(await house.command('/status', {})).toMatchObject({ books: { behind: 0 } });
    expect((await house.ask('/v1/health')).text).not.toContain('"books"');
  });
});
