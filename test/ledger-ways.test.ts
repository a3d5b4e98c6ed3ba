/** The ways in and out of the ledger, of a whole gateway: what is asked, and what only people who approved it can bring in. */
import Database from 'better-sqlite3';
import { QUESTIONS, verifySite } from '@timeband/gateway';
import {
  correctAction,
  type Correction,
  enrolAction,
  gatewayTopics,
  sha256,
  toHex,
  transferAction,
} from '@timeband/protocol';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GATEWAY, SITE } from './support/centre.js';
import { approved, House, nonce } from './support/house.js';

const NOW = Math.floor(Date.now() / 1_000);
const correction = (more: Partial<Correction> = {}): Uint8Array =>
  correctAction({
    ...{ nonce: nonce(), at: NOW - 60, sort: 'lateEntry', reason: 'noDevice', account: 'account-1' },
    ...{ minutes: 600, service: 601, started: NOW - 40_000, ended: NOW - 4_000, ...more },
  });
const enrol = enrolAction({
  nonce: nonce(),
  at: NOW - 60,
  step: 'issued',
  account: 'account-1',
  band: 'band-1',
});

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

const bring = (body: unknown, as = 'operator') => house.ask('/v1/records', { method: 'POST', body, as });

describe('what operators have approved', () => {
  it('is brought over HTTP, and is in the account with the record that it derives from', async () => {
    const { li, wang } = house.operators;
    expect(await bring(approved('enrol', enrol, li))).toMatchObject({
      status: 201,
      body: { record: { device: 'gw-1' }, repeated: false, approvedBy: ['operator-1'] },
    });
    const late = approved('correct', correction(), li, wang);
    const first = await bring(late);
    expect(first).toMatchObject({
      status: 201,
      body: { accounts: [{ account: 'account-1', outcome: 'posted', change: 600, balance: 600 }] },
    });
    expect(await bring(late)).toMatchObject({
      status: 200,
      body: { event: first.body['event'], repeated: true },
    });
    const gift = transferAction({
      ...{ nonce: nonce(), at: NOW - 50, sort: 'gift', from: 'account-1', to: 'account-2', minutes: 60 },
    });
    expect((await bring(approved('transfer', gift, wang, li), 'console')).body['accounts']).toEqual([
      { account: 'account-1', outcome: 'posted', change: -60, balance: 540 },
      { account: 'account-2', outcome: 'posted', change: 60, balance: 60 },
    ]);
    const { body } = await house.ask('/v1/accounts/account-1');
    expect(body).toEqual({
      ...{ account: 'account-1', minutes: 540, held: 0 },
      bands: [{ band: 'band-1', hasKey: false, since: expect.any(Number) as number }],
    });
  });

  it('counts only with two different operators’ signatures, by whatever way it comes', async () => {
    const { li, wang, technician } = house.operators;
    const action = correction();
    const attempts = [
      approved('correct', action),
      approved('correct', action, li),
      approved('correct', action, li, li),
      approved('correct', action, li, technician),
      { ...approved('correct', action, li, wang), action: approved('correct', correction()).action },
      { ...approved('transfer', action, li, wang) },
      approved('correct', correction({ recorder: 'operator-2' }), li, wang),
    ];
    const before = (await house.ask('/v1/accounts/account-1')).body['minutes'];
    for (const attempt of attempts) {
      expect((await bring(attempt)).status, 'HTTP').toBe(422);
      const answer = await house.command('/submit', { record: JSON.stringify(attempt) });
      expect(answer, 'command').toMatchObject({ problem: { status: 422 } });
    }
    const after = await house.ask('/v1/accounts/account-1');
    expect(after.body['minutes']).toBe(before);
  });

  it('is no business of accounts of other roles', async () => {
    const late = approved('correct', correction(), house.operators.li, house.operators.wang);
    for (const as of ['subscriber', 'technician'])
      expect(await bring(late, as)).toMatchObject({ status: 403, body: { type: 'urn:timeband:api/role' } });
    expect((await bring(late, 'nobody')).status).toBe(401);
  });

  it('is answered as any program needs it when it is no record at all', async () => {
    for (const body of ['{', '[]', '"x"', { kind: 'punch' }, { kind: 'correct', action: '!', approvals: [] }])
      expect(await bring(body)).toMatchObject({
        status: 400,
        type: expect.stringMatching('problem') as string,
      });
    const none = { kind: 'correct', action: 'oA==', approvals: [] };
    expect(await bring(none)).toMatchObject({ status: 422, body: { because: 'cbor/shape' } });
    expect((await bring({ kind: 'correct', action: 'A'.repeat(40_000) })).status).toBe(413);
    const text = { 'content-type': 'text/plain' };
    expect((await house.ask('/v1/records', { method: 'POST', body: 'x', headers: text })).status).toBe(415);
  });
});

describe('what staff do about a matter', () => {
  const matter = 'ab'.repeat(16);
  const step = (body: unknown, as = 'operator') => house.ask('/v1/matters', { method: 'POST', body, as });

  it('is logged in the name of who is logged in, in its order, and ends with whoever raised it', async () => {
    const open = { phase: 'open', matter, category: 'repair', urgency: 'soon' };
    expect(await step(open)).toMatchObject({ status: 201, body: { matter, phase: 'open', level: 'grid' } });
    expect(await step(open)).toMatchObject({ status: 200, body: { repeated: true } });
    expect(await step(open, 'technician')).toMatchObject({ status: 403 });
    const resolve = { phase: 'resolve', matter, handler: 'account-1' };
    expect(await step(resolve)).toMatchObject({ status: 422, body: { because: 'matter/order' } });
    expect(await step({ phase: 'assign', matter })).toMatchObject({ status: 400 });
    expect(await step({ phase: 'assign', matter, handler: 'operator' })).toMatchObject({ status: 422 });
    expect(await step({ phase: 'assign', matter, handler: 'account-1' })).toMatchObject({ status: 201 });
    const { body: listed } = await house.ask('/v1/matters?handler=account-1');
    expect(listed['matters']).toMatchObject([
      { matter, phase: 'assign', category: 'repair', asker: 'operator' },
    ]);
    const resolved = await house.command('/step', { step: JSON.stringify(resolve), by: 'console' });
    expect(resolved).toMatchObject({ answer: { phase: 'resolve', due: null } });
    const confirm = { phase: 'confirm', matter };
    expect(await step(confirm, 'console')).toMatchObject({ status: 422, body: { because: 'matter/asker' } });
    expect(await step(confirm)).toMatchObject({ status: 201 });
    const { body } = await house.ask(`/v1/matters/${matter}`);
    expect(
      (body['steps'] as { by: string; outcome: string }[]).map(({ by, outcome }) => [by, outcome]),
    ).toEqual([
      ...[
        ['operator', 'counts'],
        ['operator', 'counts'],
        ['console', 'counts'],
        ['operator', 'counts'],
      ],
    ]);
    expect((await house.ask('/v1/matter-figures', { as: 'subscriber' })).body).toMatchObject({
      settled: 1,
      levels: [{ level: 'grid', settled: 1, percent: 100 }, {}, {}, {}],
    });
  });
});

describe('questions over HTTP', () => {
  it('are answered as the OpenAPI document says, for the roles that it names', async () => {
    const examples: Readonly<Record<string, string>> = {
      ...{ account: 'account-1', event: '2', matter: '0'.repeat(32) },
    };
    const raised = { phase: 'open', matter: examples['matter'], urgency: 'soon' };
    expect(await house.ask('/v1/matters', { method: 'POST', body: raised })).toMatchObject({ status: 201 });
    for (const { path, roles, answers, name } of QUESTIONS) {
      const url = path.replace(/\{(\w+)\}/g, (_, key: string) => examples[key] ?? '');
      for (const as of ['subscriber', 'console', 'operator', 'technician'] as const) {
        const { status, body } = await house.ask(url, { as });
        expect([name, as, status]).toEqual([name, as, roles.includes(as) ? 200 : 403]);
        if (status === 200) expect(answers.parse(body), name).toEqual(body);
      }
    }
  });

  it('tell a statement a page at a time, each line with its record', async () => {
    const all = (await house.ask('/v1/accounts/account-1/statement')).body['lines'] as { event: number }[];
    expect(all.length).toBeGreaterThanOrEqual(2);
    const paged: unknown[] = [];
    let next = '';
    do {
      const { body } = await house.ask(`/v1/accounts/account-1/statement?limit=1${next}`);
      paged.push(...(body['lines'] as unknown[]));
      next = typeof body['next'] === 'string' ? `&after=${body['next']}` : '';
    } while (next !== '');
    expect(paged).toEqual(all);
    const [newest] = all;
    const { body } = await house.ask(`/v1/events/${newest?.event ?? 0}`);
    expect(body).toMatchObject({ type: 'transfer', record: { device: 'gw-1' }, doubted: false });
    expect(Buffer.from(String(body['receipt']), 'base64').length).toBeGreaterThan(100);
  });

  it('tell a balance as it was at a moment', async () => {
    const at = async (when: string) => (await house.ask(`/v1/accounts/account-1?at=${when}`)).body['minutes'];
    expect(await at('2020-01-01')).toBe(0);
    expect(await at('2020-01-01T08:00')).toBe(0);
    expect(await at('4000000000')).toBe(540);
    expect((await house.ask('/v1/accounts/account-1?at=yesterday')).status).toBe(400);
  });

  it('are refused in words when they make no sense, are nobody’s, or there is nothing', async () => {
    const cases = [
      ['/v1/accounts/nobody-has-this', 404],
      ['/v1/accounts/NOT%20ONE', 400],
      ['/v1/accounts?limit=0', 400],
      ['/v1/accounts?limit=x', 400],
      ['/v1/accounts/account-1/statement?after=x', 400],
      ['/v1/events/999999', 404],
      ['/v1/catalogue?version=7', 404],
      ['/nothing', 404],
      [`/v1/accounts/${'a'.repeat(400)}`, 400],
      [`/v1/accounts/${'a'.repeat(600)}`, 400],
      ['/v1/accounts/%', 400],
    ] as const;
    for (const [path, status] of cases) {
      const reply = await house.ask(path);
      expect([path, reply.status, reply.type]).toEqual([
        path,
        status,
        'application/problem+json; charset=utf-8',
      ]);
    }
    const wrong = await house.ask('/v1/health', { password: 'wrong' });
    expect(wrong).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.any(String) as string },
    });
    for (const authorization of ['Bearer x', 'Basic', 'Basic !!', 'Basic b3BlcmF0b3I='])
      expect((await house.ask('/v1/health', { as: 'nobody', headers: { authorization } })).status).toBe(401);
  });

  it('give the catalogue as a table, and the document to whoever asks', async () => {
    const csv = await house.ask('/v1/catalogue.csv', { as: 'subscriber' });
    expect(csv.text.split('\n')[0]).toBe(
      'code,group,group_zh,group_en,name_zh,name_en,minutes,evidence,redeemable,qualified',
    );
    expect((await house.ask('/v1/openapi.json', { as: 'nobody' })).body['openapi']).toBe('3.1.0');
  });

  it('are in the log with who asked, and without any password', () => {
    const { log } = house;
    expect(log).toContain('"route":"/v1/accounts/:account"');
    expect(log).toContain('"account":"operator"');
    for (const role of ['operator', 'console']) expect(log).not.toContain(house.passwordOf(role));
    expect(log).not.toContain(Buffer.from(`operator:${house.passwordOf('operator')}`).toString('base64'));
  });
});

describe('requests over MQTT', () => {
  const ask = async (
    role: string,
    request: unknown,
    client = role,
  ): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${house.mqttPort}`, {
      ...{ username: role, password: house.passwordOf(role), reconnectPeriod: 0 },
    });
    const topics = gatewayTopics(SITE, GATEWAY);
    try {
      const answer = new Promise<Buffer | undefined>((resolve) => {
        mqtt.once('message', (_, payload) => {
          resolve(payload);
        });
        mqtt.once('close', () => {
          resolve(undefined);
        });
      });
      await mqtt.subscribeAsync(topics.response(client, '+'), { qos: 1 }).catch(() => undefined);
      const payload = typeof request === 'string' ? request : JSON.stringify(request);
      mqtt.publish(topics.request(client, 'r-1'), payload, { qos: 1 });
      const text = (await answer)?.toString();
      return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
    } finally {
      await mqtt.endAsync(true);
    }
  };
  const soon = NOW + 600;

  it('are answered as over HTTP, to the one who asked', async () => {
    const { body } = await house.ask('/v1/accounts/account-1/statement?limit=2');
    const parameters = { account: 'account-1', limit: 2 };
    expect(await ask('console', { action: 'statement', expires: soon, arguments: parameters })).toEqual({
      ...{ state: 'done', result: body },
    });
    expect(await ask('technician', { action: 'health', expires: soon })).toMatchObject({ state: 'done' });
  });

  it('bring what operators have approved, and nothing that only one has', async () => {
    const { li, wang } = house.operators;
    const submit = (record: object) =>
      ask('operator', { action: 'submit', expires: soon, arguments: { ...record } });
    const action = correction({ minutes: 15 });
    expect(await submit(approved('correct', action, li))).toMatchObject({
      ...{ state: 'refused', code: 'record/approval' },
    });
    const done = { state: 'done', result: { accounts: [{ change: 15 }], repeated: false } };
    expect(await submit(approved('correct', action, li, wang))).toMatchObject(done);
  });

  it('are refused with a code, or end the connection of who may not ask', async () => {
    const given = { account: 'account-1' };
    const cases = [
      ['technician', { action: 'balance', expires: soon, arguments: given }, 'api/role'],
      ['technician', { action: 'submit', expires: soon, arguments: {} }, 'api/role'],
      ['console', { action: 'balance', expires: 1, arguments: given }, 'api/expired'],
      ['console', { action: 'balance', expires: soon, arguments: { account: 'a-9' } }, 'api/not-found'],
      ['console', { action: 'destroy', expires: soon }, 'api/not-found'],
      ['branch', { action: 'balance', expires: soon, arguments: given }, 'api/organisation'],
      ['console', '{', 'api/parameters'],
      ['console', { action: 'balance' }, 'api/parameters'],
    ] as const;
    for (const [role, request, code] of cases)
      expect(await ask(role, request)).toMatchObject({ state: 'refused', code });
    const health = { action: 'health', expires: soon };
    expect(await ask('subscriber', health)).toBeUndefined();
    expect(await ask('console', health, 'operator')).toBeUndefined();
  });
});

describe('an operator of an organisation', () => {
  const ask = (path: string) => house.ask(path, { as: 'branch' });
  const refused = { status: 403, body: { type: 'urn:timeband:api/organisation' } };

  it('sees what is of that organisation, and nothing else, over every way', async () => {
    const { li, wang } = house.operators;
    const given = {
      nonce: nonce(),
      at: NOW - 30,
      sort: 'donation',
      from: 'account-1',
      to: 'branch-3',
      minutes: 30,
    };
    await bring(approved('transfer', transferAction({ ...given, sort: 'donation' }), li, wang));
    expect((await ask('/v1/accounts/branch-3')).body).toMatchObject({ minutes: 30 });
    expect((await ask('/v1/accounts/branch-3/statement')).body['lines']).toHaveLength(1);
    expect((await ask('/v1/organisations/branch-3')).body).toMatchObject({
      balance: 30,
      totals: { held: 0 },
    });
    expect((await ask('/v1/organisations/branch-3/report.csv')).text).toContain('月份');
    expect((await ask('/v1/matters')).body['matters']).toEqual([]);
    for (const path of ['/v1/catalogue', '/v1/health'])
      expect(await ask(path)).toMatchObject({ status: 200 });
    for (const path of [
      ...['/v1/accounts', '/v1/holds', '/v1/events/2', '/v1/audit-trail', '/v1/organisations/branch-4'],
      ...['', '/statement', '/holds', '/record', '/evidence'].map((end) => `/v1/accounts/account-1${end}`),
      ...['/v1/matters?handler=account-1', `/v1/matters/${'0'.repeat(32)}`],
      '/v1/organisations/branch-4/report.csv',
    ])
      expect([path, await ask(path)]).toMatchObject([path, refused]);
    const trail = (await house.ask('/v1/audit-trail?account=branch&limit=1')).body['entries'];
    expect(trail).toMatchObject([{ organisation: 'branch-3', outcome: 'api/organisation' }]);
  });

  it('does what is of that organisation, and nothing else', async () => {
    const { li, wang } = house.operators;
    const gift = (from: string) => {
      const action = {
        nonce: nonce(),
        at: NOW - 20,
        sort: 'gift',
        from,
        to: 'account-2',
        minutes: 15,
      } as const;
      return approved('transfer', transferAction(action), li, wang);
    };
    expect(await bring(gift('branch-3'), 'branch')).toMatchObject({ status: 201 });
    expect(await bring(gift('account-1'), 'branch')).toMatchObject(refused);
    expect(await bring(approved('correct', correction(), li, wang), 'branch')).toMatchObject(refused);
    const matter = '17'.repeat(16);
    const step = (body: object, as: string) => house.ask('/v1/matters', { method: 'POST', body, as });
    expect(await step({ phase: 'open', matter }, 'branch')).toMatchObject(refused);
    await step({ phase: 'open', matter, urgency: 'soon' }, 'operator');
    expect(await step({ phase: 'resolve', matter }, 'branch')).toMatchObject(refused);
    await step({ phase: 'assign', matter, handler: 'branch-3' }, 'operator');
    expect((await ask('/v1/matters')).body['matters']).toMatchObject([{ matter, handler: 'branch-3' }]);
    expect(await step({ phase: 'resolve', matter }, 'branch')).toMatchObject({ status: 201 });
  });
});

describe('all that is held about an account', () => {
  it('is told a page at a time, as bytes, as text and with receipts, and nothing of anybody else', async () => {
    const { li } = house.operators;
    const other = { nonce: nonce(), at: NOW - 60, step: 'issued', account: 'account-11' } as const;
    await bring(approved('enrol', enrolAction({ ...other, band: 'band-11' }), li));
    expect(await house.ask('/v1/accounts/account-1/evidence', { as: 'console' })).toMatchObject({
      status: 403,
    });
    const events: Record<string, unknown>[] = [];
    for (let after = 0, more = true; more;) {
      const { body } = await house.ask(`/v1/accounts/account-1/evidence?limit=2&after=${after}`);
      events.push(...(body['events'] as typeof events));
      more = body['next'] !== undefined;
      after = Number(body['next']);
    }
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['enrol', 'correct', 'transfer', 'request']),
    );
    for (const { text, receipt, bytes, hash } of events) {
      expect(text).toContain('"account-1"');
      expect(text).not.toContain('account-11');
      expect(Buffer.from(String(receipt), 'base64').length).toBeGreaterThan(100);
      expect(toHex(sha256(Buffer.from(String(bytes), 'base64')))).toBe(hash);
    }
    expect((await house.ask('/v1/accounts/nobody/evidence')).status).toBe(404);
  });
});

describe('the trail of what operators did', () => {
  it('has every reading and action, by whichever way, also what was refused, and who asks for it', async () => {
    await house.ask('/v1/accounts/account-1/statement?limit=3', { as: 'console' });
    await house.ask('/v1/accounts/account-1', { as: 'technician' });
    await house.command('/ask/record', { account: 'account-1', by: 'root' });
    await house.command('/note', { action: 'user add', given: '{"name":"x"}', outcome: 'done', by: 'root' });
    expect(await house.ask('/v1/audit-trail', { as: 'console' })).toMatchObject({ status: 403 });
    const { body } = await house.ask('/v1/audit-trail?limit=1000');
    const entries = (body['entries'] as Record<string, unknown>[]).map(
      ({ account, role, way, action, outcome }) => [account, role, way, action, outcome].join(' '),
    );
    expect(entries.slice(0, 5)).toEqual([
      'console console http trail api/role',
      'root box box user add done',
      'root box box record done',
      'technician technician http balance api/role',
      'console console http statement done',
    ]);
    for (const entry of [
      'operator operator mqtt submit begun',
      'operator operator mqtt submit record/approval',
      'operator operator http submit done',
      'technician technician mqtt balance api/role',
      'console console mqtt statement done',
      'operator operator http step matter/order',
    ])
      expect(entries).toContain(entry);
    expect(entries.filter((entry) => entry.includes('health'))).toEqual([]);
    expect(body['entries']).toContainEqual(
      expect.objectContaining({ action: 'statement', given: '{"limit":"3","account":"account-1"}' }),
    );
  });
});

describe('the ledger of a gateway that was stopped', () => {
  it('is verified as it is, and not with a minute more that somebody wrote into its file', async () => {
    await house.stop();
    const { config, files } = house;
    const good = await verifySite(config, files.database, undefined);
    expect(good.findings).toEqual([]);
    const db = new Database(files.database);
    const { id, event } = db
      .prepare<[], { id: number; event: number }>('SELECT id, event FROM ledger_entry ORDER BY id LIMIT 1')
      .get() ?? { id: 0, event: 0 };
    db.prepare('UPDATE ledger_entry SET minutes = minutes + 60 WHERE id = ?').run(id);
    db.prepare("UPDATE ledger_account SET balance = balance + 60 WHERE name = 'account-1'").run();
    db.close();
    const bad = await verifySite(config, files.database, undefined);
    expect(bad.findings.map(({ code, event: at }) => [code, at])).toEqual(
      expect.arrayContaining([
        ['ledger/entry', event],
        ['ledger/balance', undefined],
      ]),
    );
  });
});
