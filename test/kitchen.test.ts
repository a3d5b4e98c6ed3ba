/** A whole lunch: ordered by staff, fetched with bands at a reader on a pseudo-terminal, brought by a volunteer, and one who was not seen. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  approve,
  approvedBody,
  decodeRecord,
  encode,
  enrolAction,
  entries,
  fromHex,
  gatewayTopics,
  readRequest,
  signPolicy,
  systemTimers,
  tagId,
  toBase64,
  toHex,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { BandStock, Child, type JsonObject, SerialReader, SimulatedTagReader } from '@timeband/simulator';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDSIM_BIN, GATEWAY, GATEWAY_BIN, SITE } from './support/centre.js';
import { HouseListener } from './support/house-listener.js';
import { House, nonce } from './support/house.js';

const ZONE = 'Asia/Shanghai';
const NOW = Math.floor(Date.now() / 1_000);
/** Whose bands 0 to 4 are. */
const ELDERS = ['wang', 'li', 'zhao', 'sun', 'zhou'];
/** Who has a tag of another kind, and a tag that is nobody's. */
const COUSIN = 'ma';
const TAG = fromHex('0a00bc614e');
const STRANGE_TAG = fromHex('0a00bc614f');
const LATE = 1_439;
const EARLY = 1;

let house: House;
let dir: string;
let reader: Child;
/** A commodity reader at the counter where lunch is given out. */
const counter = new SimulatedTagReader({ kind: 'rdm6300', timers: systemTimers });
let counterPort: SerialReader;
let listener: HouseListener;

/** Rules: when who was not seen is missed, in minutes after midnight, and what a lunch costs, in fen. */
function rule(number: number, lookInAt: number): void {
  const key = readPrivateKeyPem(readFileSync(house.files.issuerKey, 'utf8'));
  const body = entries([18, lookInAt], [19, 800]);
  const document = signPolicy(key, { number, issued: NOW - 50, site: SITE }, { type: 'rules', body });
  writeFileSync(join(house.dir, 'rules.cose'), document);
}

/** A question over MQTT, and its answer. */
async function ask(role: string, action: string, given: object): Promise<unknown> {
  const client = await connectAsync(`mqtt://127.0.0.1:${house.mqttPort}`, {
    ...{ username: role, password: house.passwordOf(role), reconnectPeriod: 0 },
  });
  const topics = gatewayTopics(SITE, GATEWAY);
  try {
    const answer = new Promise<Buffer>((resolve) => {
      client.once('message', (_, payload) => {
        resolve(payload);
      });
    });
    await client.subscribeAsync(topics.response(role, '+'), { qos: 1 });
    const request = { action, expires: Math.floor(Date.now() / 1_000) + 60, arguments: given };
    await client.publishAsync(topics.request(role, 'r-1'), JSON.stringify(request), { qos: 1 });
    return JSON.parse((await answer).toString());
  } finally {
    await client.endAsync(true);
  }
}
const step = (body: unknown, as = 'operator') => house.ask('/v1/lunch', { method: 'POST', body, as });
const lunch = async () => (await house.ask('/v1/lunch')).body;
const feedback = async (said: string): Promise<unknown> => {
  const told = reader.expect((message: JsonObject) =>
    message['event'] === 'feedback' ? message['outcome'] : undefined,
  );
  reader.tell(said);
  return told;
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-kitchen-'));
  house = await House.open({
    links: [{ glob: join(dir, 'reader-*') }],
    ledger: { timeZone: ZONE },
    tagReaders: [{ path: join(dir, 'counter'), kind: 'rdm6300', meal: 'lunch' }],
  });
  await house.stop();
  rule(1, LATE);
  const settings = JSON.parse(readFileSync(house.files.config, 'utf8')) as Record<string, unknown>;
  writeFileSync(house.files.config, JSON.stringify({ ...settings, policy: ['rules.cose'] }));
  await house.start();
  listener = new HouseListener(house);
  await listener.connect();
  const stock = new BandStock({ seed: '1', site: SITE });
  const enrolments = [...ELDERS, COUSIN].map((account, number) => {
    const band = tagId(account === COUSIN ? TAG : stock.uid(number));
    const action = enrolAction({ nonce: nonce(), at: NOW - 40, step: 'issued', account, band });
    return toBase64(encode(approvedBody(action, [approve(house.operators.li, SITE, action)])));
  });
  writeFileSync(join(dir, 'enrolments'), enrolments.join('\n'));
  counterPort = new SerialReader(counter, { baud: 9_600, link: join(dir, 'counter') });
  reader = new Child(
    'reader-1',
    [
      ...[BANDSIM_BIN, 'reader', '--json', '--site', SITE, '--issuer-key', house.files.issuerKey],
      ...['--link', join(dir, 'reader-1'), '--rate', '0', '--bands', '5', '--enrol', join(dir, 'enrolments')],
    ],
    join(dir, 'reader.log'),
    { TZ: ZONE },
  );
  await listener.until(() =>
    listener.heard.filter(({ type }) => type === 'enrol').length === 6 ? true : undefined,
  );
});
afterAll(async () => {
  counter.stop();
  counterPort.unplug();
  reader.kill();
  await reader.ended;
  await listener.end();
  await house.close();
  rmSync(dir, { recursive: true });
});

describe('a lunch', () => {
  it('is ordered and packed by staff, a crate at once; the same again changes nothing', async () => {
    expect(await step({ phase: 'ordered', accounts: ELDERS })).toMatchObject({
      status: 201,
      body: { slot: 'lunch', done: ELDERS, repeated: [], refused: [] },
    });
    expect(await step({ phase: 'ordered', accounts: ELDERS })).toMatchObject({
      status: 200,
      body: { done: [], repeated: ELDERS },
    });
    expect(await step({ phase: 'packed' })).toMatchObject({ body: { done: [...ELDERS].sort() } });
    expect(await step({ phase: 'cancelled', accounts: ['nobody'] })).toMatchObject({
      body: { refused: [{ account: 'nobody', why: 'unordered' }] },
    });
    expect((await step({ phase: 'packed' }, 'technician')).status).toBe(403);
    expect((await step({ phase: 'delivered', accounts: ['sun'] })).status).toBe(400);
    expect((await step({ phase: 'ordered', accounts: ['sun'], date: '2020-01-01' })).status).toBe(400);
  });

  it('is fetched by tap, and the reader says at once that it is not given out twice', async () => {
    expect(await feedback('collect 0')).toBe('accepted');
    expect(await feedback('collect 0')).toBe('refused');
    expect(await feedback('collect 1')).toBe('accepted');
    expect(await feedback('collect 2')).toBe('accepted');
    expect(await feedback('collect 9')).toBe('refused');
    await listener.until(() =>
      listener.heard.filter(({ device }) => device === 'reader-1').length >= 12 ? true : undefined,
    );
    const delivered = { phase: 'delivered', accounts: ['sun'], courier: 'chen' };
    expect(await step(delivered, 'console')).toMatchObject({ body: { done: ['sun'] } });
    expect(await lunch()).toMatchObject({
      sums: { meals: 5, collected: 3, delivered: 1, waiting: 1, cancelled: 0, fen: 4_000 },
      meals: [
        { account: 'li', phase: 'collected', evidence: 0 },
        { account: 'sun', phase: 'delivered', courier: 'chen', by: 'console', seen: null },
        { account: 'wang', phase: 'collected', cost: 800 },
        { account: 'zhao', phase: 'collected' },
        { account: 'zhou', phase: 'packed', lookIn: null },
      ],
      refused: [{ why: 'twice' }, { why: 'unknown' }],
    });
    const minutes = await Promise.all(ELDERS.map(async (name) => house.ask(`/v1/accounts/${name}`)));
    expect(minutes.map(({ body }) => body['minutes'])).toEqual([0, 0, 0, 0, 0]);
  });

  it('that nobody fetched, of somebody who was not seen, becomes one request to look in, signed and published', async () => {
    rule(2, EARLY);
    for (let start = 0; start < 2; start++) {
      await listener.restart();
      if (start === 0) await listener.until(() => listener.heard.find(({ type }) => type === 'request'));
    }
    const requests = listener.heard.filter(({ type }) => type === 'request');
    const [about, ...more] = requests.map(({ record }) => readRequest(decodeRecord(record).body));
    expect([about, ...more]).toMatchObject([
      { phase: 'open', about: 'zhou', category: 3, urgency: 'soon', assisted: undefined },
    ]);
    expect(requests[0]?.device).toBe(GATEWAY);
    const matter = toHex(about?.request ?? new Uint8Array());
    const list = await lunch();
    expect((list['meals'] as { lookIn: unknown }[])[4]).toMatchObject({ lookIn: { matter, phase: 'open' } });
    expect((await house.ask(`/v1/matters/${matter}`)).body).toMatchObject({ about: 'zhou', asker: null });
  });

  it('is on the cook’s list and in the account of the month', async () => {
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [GATEWAY_BIN, 'lunch', '--config', house.files.config, ...args]);
    const [day, month] = await Promise.all([run(), run('--month', '--csv')]);
    expect(day.stdout).toMatch(
      /^\d{4}-\d\d-\d\d, lunch: 5 meals, 3 collected, 1 delivered, 1 waiting; 0 cancelled; 40\.00 yuan\n/,
    );
    expect(day.stdout).toMatch(/\nzhou +packed .* open [0-9a-f]{32}\n/);
    expect(month.stdout).toContain('\nwang,1,1,0,0,0,800\n');
    await expect(run('deliver', 'wang', '--courier', 'chen', '--by', 'office')).rejects.toMatchObject({
      ...{ code: 4, stderr: expect.stringMatching(/wang +twice/) as string },
    });
  });

  it('is ordered and packed over MQTT as over HTTP, by whose role allows it', async () => {
    const meal = { accounts: [COUSIN] };
    expect(await ask('operator', 'mealStep', { phase: 'ordered', ...meal })).toMatchObject({
      state: 'done',
      result: { slot: 'lunch', phase: 'ordered', done: [COUSIN], refused: [] },
    });
    const packed = { phase: 'packed', ...meal };
    expect(await ask('technician', 'mealStep', packed)).toMatchObject({ state: 'refused', code: 'api/role' });
    expect(await ask('console', 'mealStep', { phase: 'eaten', ...meal })).toMatchObject({
      ...{ state: 'refused', code: 'api/parameters' },
    });
    expect(await ask('console', 'mealStep', packed)).toMatchObject({ result: { done: [COUSIN] } });
    expect(await ask('console', 'mealStep', packed)).toMatchObject({ result: { repeated: [COUSIN] } });
    expect((await lunch())['sums']).toMatchObject({ meals: 6, waiting: 2 });
  });

  it('is fetched with a tag at a commodity reader that stands at the counter, and a tag of nobody fetches none', async () => {
    const collected = (uid: Uint8Array) =>
      listener.heard.find(
        ({ type, device, band }) => type === 'meal' && device === GATEWAY && band === tagId(uid),
      );
    counter.tap(TAG, 200);
    expect(await listener.until(() => collected(TAG))).toMatchObject({ evidence: 0 });
    counter.tap(STRANGE_TAG, 200);
    await listener.until(() => collected(STRANGE_TAG));
    const { meals, refused } = (await lunch()) as { meals: { account: string }[]; refused: object[] };
    expect(meals.find(({ account }) => account === COUSIN)).toMatchObject({
      ...{ phase: 'collected', by: tagId(TAG), evidence: 0 },
    });
    expect(refused.at(-1)).toMatchObject({ why: 'unknown' });
    const { tagReaders } = (await house.command('/status', {})) as { tagReaders: object[] };
    expect(tagReaders).toMatchObject([{ meal: 'lunch', logged: 2, refused: 1, lost: 0 }]);
    expect(listener.heard.filter(({ type, device }) => type === 'punch' && device === GATEWAY)).toEqual([]);
  });
});
