/**
 * Minutes that people decide, from a table to the ledger: by the commands that operators type, at a gateway that runs, with bands
 * held to a reader on a pseudo-terminal.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  correctAction,
  entries,
  keyThumbprint,
  signPolicy,
  tagId,
  toHex,
  transferAction,
} from '@timeband/protocol';
import { readPrivateKeyPem, writePrivateKeyPem } from '@timeband/protocol/pem';
import { BandStock, Child, type JsonObject, provision } from '@timeband/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDCTL_BIN, BANDSIM_BIN, GATEWAY_BIN, SITE } from './support/centre.js';
import { HouseListener } from './support/house-listener.js';
import { approved, House, nonce } from './support/house.js';
import { type Ended, linesOf, runProgram } from './support/programs.js';

const NOW = Math.floor(Date.now() / 1_000);
/** Haircut, in the catalogue that a gateway comes with: 30 minutes. */
const HAIRCUT = 206;
/** Every second band has a key of its own, the others are tags. */
const MIX = { uid: 1, sun: 0, key: 1 };

let house: House;
let dir: string;
let reader: Child;
let listener: HouseListener;
/** Number of the record that the reader showed something for last. */
let last = 0;

const bandctl = (line: string): Promise<Ended> => runProgram([BANDCTL_BIN, ...line.split(' ')]);
const submit = (...files: readonly string[]): Promise<Ended> =>
  runProgram([GATEWAY_BIN, 'submit', ...files, '--config', house.files.config]);
const account = async (name: string) => {
  const { minutes, held } = (await house.ask(`/v1/accounts/${name}`)).body;
  return { minutes, held };
};
/** The newest first: what was said, what became of it, and what it did. */
const statement = async (name: string): Promise<[string, string, number][]> => {
  const { body } = await house.ask(`/v1/accounts/${name}/statement`);
  const lines = body['lines'] as readonly { says: { kind: string }; outcome: string; change: number }[];
  return lines.map(({ says, outcome, change }) => [says.kind, outcome, change]);
};

/** How many minutes are held at most, by whom; a number of days after which a hold is over. */
function rule(number: number, holdDays: number): void {
  const key = readPrivateKeyPem(readFileSync(house.files.issuerKey, 'utf8'));
  const body = entries([10, holdDays], [20, 60]);
  const document = signPolicy(key, { number, issued: NOW, site: SITE }, { type: 'rules', body });
  writeFileSync(join(house.dir, 'rules.cose'), document);
}

/** Types at the reader. @returns what it shows, before anything is sealed */
async function type(line: string): Promise<JsonObject> {
  const shown = reader.expect((message) => (message['event'] === 'feedback' ? message : undefined));
  reader.tell(line);
  const { seq, outcome, minutes, balance, because } = await shown;
  last = Number(seq);
  return { outcome, minutes, balance, because };
}
/** Until the newest record of the reader that showed something is an event. */
async function published(): Promise<void> {
  await listener.until(() =>
    listener.heard.find(({ device, logSeq }) => device === 'reader-1' && logSeq === last),
  );
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-decisions-'));
  house = await House.open({ links: [{ glob: join(dir, 'reader-*') }] });
  await house.stop();
  const stock = new BandStock({ seed: '1', site: SITE, mix: MIX });
  const issuerKey = readPrivateKeyPem(readFileSync(house.files.issuerKey, 'utf8'));
  const { certificates } = provision(dir, issuerKey, [{ stock, range: { from: 0, to: 3 } }]);
  for (const name of readdirSync(certificates))
    writeFileSync(join(house.dir, 'people', name), readFileSync(join(certificates, name)));
  rule(1, 30);
  const settings = JSON.parse(readFileSync(house.files.config, 'utf8')) as Record<string, unknown>;
  writeFileSync(house.files.config, JSON.stringify({ ...settings, policy: ['rules.cose'] }));
  const { li, wang } = house.operators;
  for (const [name, key] of Object.entries({ li, wang }))
    writeFileSync(join(dir, `${name}.key`), writePrivateKeyPem(key), { mode: 0o600 });
  const rows = [0, 1, 2].map((number) =>
    stock.kind(number) === 'key'
      ? `elder-${number},${stock.id(number)},${toHex(keyThumbprint(stock.key(number).publicKey))}`
      : `elder-${number},${tagId(stock.uid(number))},`,
  );
  writeFileSync(join(dir, 'elders.csv'), ['account,band,thumbprint', ...rows].join('\n'));
  await house.start();
  listener = new HouseListener(house);
  await listener.connect();
  reader = new Child(
    'reader-1',
    [
      ...[BANDSIM_BIN, 'reader', '--json', '--site', SITE, '--issuer-key', house.files.issuerKey],
      ...['--link', join(dir, 'reader-1'), '--rate', '0', '--bands', '4', '--mix', '1:0:1'],
    ],
    join(dir, 'reader.log'),
  );
  await listener.until(() => listener.heard.find(({ device }) => device === 'reader-1'));
  // A daughter who gave ten hours, of which the fund got some.
  const late = {
    nonce: nonce(),
    at: NOW,
    sort: 'lateEntry',
    reason: 'noDevice',
    account: 'daughter',
  } as const;
  const times = { minutes: 600, service: 601, started: NOW - 40_000, ended: NOW - 4_000 };
  const gift = {
    nonce: nonce(),
    at: NOW,
    sort: 'donation',
    from: 'daughter',
    to: 'fund',
    minutes: 150,
  } as const;
  for (const record of [
    approved('correct', correctAction({ ...late, ...times }), li, wang),
    approved('transfer', transferAction(gift), li, wang),
  ])
    expect(await house.ask('/v1/records', { method: 'POST', body: record })).toMatchObject({ status: 201 });
});
afterAll(async () => {
  reader.kill();
  await reader.ended;
  await listener.end();
  await house.close();
  rmSync(dir, { recursive: true });
});

describe('what operators decide', () => {
  let brought: Ended;

  it('is drafted from a table or one by one, approved by two of them, and brought with one command each', async () => {
    mkdirSync(join(dir, 'single'));
    const single = [
      ['again', 'welcome', 'fund', 'elder-0', 60],
      ['grant', 'grant', 'fund', 'elder-2', 15],
      ['more', 'welcome', 'fund', 'elder-2', 90],
      ['pay', 'gift', 'daughter', 'elder-2', 45],
    ].map(
      ([name, sort, from, to, minutes]) =>
        `transfer --sort ${sort} --from ${from} --to ${to} --minutes ${minutes} --out ${join(dir, `single/${name}.json`)}`,
    );
    const crate = `crate ${join(dir, 'elders.csv')} --welcome 60 --json --out ${join(dir, 'crate')}`;
    const drafted = await Promise.all([crate, ...single].map((line) => bandctl(`draft ${line}`)));
    expect(drafted.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const [first] = drafted.map(linesOf);
    expect(first).toMatchObject([{ elders: 3, enrolments: 3, welcomes: 3, minutes: 180 }]);
    const folders = [join(dir, 'crate'), join(dir, 'single')];
    for (const name of ['li', 'wang']) {
      const line = `approve ${folders.join(' ')} --site ${SITE} --key ${join(dir, `${name}.key`)}`;
      expect(await bandctl(line)).toMatchObject({ code: 0, err: '' });
    }
    brought = await submit(...folders);
    expect([brought.code, brought.out.split('\n').at(-2)]).toEqual([
      5,
      '10 decisions: 7 count, 3 without effect',
    ]);
    const again = await submit(...folders);
    expect([again.code, again.out.split('\n').at(-2)]).toEqual([
      5,
      '10 decisions: 0 count, 7 there before, 3 without effect',
    ]);
  });

  it('enrols a crate of new elders and welcomes each out of the fund, as far as it goes', async () => {
    expect(brought.err).toMatch(/elder-2\.welcome\.json: NO EFFECT: the giver does not have so many minutes/);
    expect(await statement('elder-0')).toEqual([
      ['take', 'noted', 0],
      ['take', 'posted', 60],
    ]);
    expect((await house.ask('/v1/accounts/elder-1')).body).toMatchObject({
      minutes: 60,
      bands: [{ hasKey: true }],
    });
    expect(await statement('fund')).toEqual([
      ['give', 'notWelcome', 0],
      ['give', 'posted', -15],
      ['give', 'welcomed', 0],
      ['give', 'floor', 0],
      ['give', 'posted', -60],
      ['give', 'posted', -60],
      ['take', 'posted', 150],
    ]);
    expect((await account('fund')).minutes).toBe(15);
  });

  it('says why nobody is welcomed twice, nor with other minutes; a grant and what a relative pays go where they should', () => {
    const { err, out } = brought;
    expect(err).toMatch(/again\.json: NO EFFECT: this account was welcomed before \(welcomed\)/);
    expect(err).toMatch(
      /more\.json: NO EFFECT: a welcome is out of fund, with the minutes .* \(notWelcome\)/,
    );
    expect(out).toMatch(/grant\.json: fund -15, 15 now; elder-2 \+15, 15 now/);
    expect(out).toMatch(/pay\.json: daughter -45, 405 now; elder-2 \+45, 60 now/);
  });
});

// What was given and what is held within the same second is in no order that matters to anybody: so not the newest gift first.
describe('a redemption at a reader', () => {
  it('is refused at once where there are not so many minutes, or at another price than the catalogue says', async () => {
    expect(await type(`redeem 1 ${HAIRCUT} 30 daughter`)).toEqual({
      outcome: 'accepted',
      minutes: 30,
      balance: 30,
    });
    expect(await type(`redeem 1 ${HAIRCUT} 30 daughter`)).toMatchObject({ outcome: 'accepted', balance: 0 });
    expect(await type(`redeem 1 ${HAIRCUT} 30 daughter`)).toMatchObject({ because: 'tooFew' });
    expect(await type(`redeem 0 ${HAIRCUT} 45 daughter`)).toMatchObject({ outcome: 'refused' });
    expect(await type(`redeem 3 ${HAIRCUT} 30 daughter`)).toMatchObject({ because: 'unknown' });
    await published();
    expect((await statement('elder-1')).slice(0, 3).map(([, outcome]) => outcome)).toEqual([
      ...['floor', 'posted', 'posted'],
    ]);
    expect(await account('elder-1')).toEqual({ minutes: 0, held: 60 });
  });

  it('goes back when nobody came, and is over for good then', async () => {
    const held = reader.expect((message) =>
      message['event'] === 'note' ? String(message['message']) : undefined,
    );
    reader.tell('held');
    const [first = 0, second = 0] = [...(await held).matchAll(/^(\d+): 30 minutes/gm)].map(([, seq]) =>
      Number(seq),
    );
    expect(await type(`release ${first} noShow`)).toEqual({ outcome: 'accepted', minutes: 30, balance: 30 });
    await published();
    expect(await account('elder-1')).toEqual({ minutes: 30, held: 30 });
    const [newest] = (await house.ask('/v1/accounts/elder-1/statement?limit=1')).body['lines'] as object[];
    expect(newest).toMatchObject({
      says: { kind: 'release', reason: 'noShow' },
      outcome: 'posted',
      change: 30,
    });
    expect(second).toBeGreaterThan(first); // and stays
  });

  it('is paid with what a relative gave, by the band of the elder, and is spent once it was given', async () => {
    expect(await type(`redeem 2 ${HAIRCUT} 30 daughter`)).toEqual({
      outcome: 'accepted',
      minutes: 30,
      balance: 30,
    });
    await published();
    expect(await account('elder-2')).toEqual({ minutes: 30, held: 30 });
    expect(await type(`capture ${last}`)).toEqual({ outcome: 'accepted', minutes: 30, balance: 30 });
    await published();
    expect(await account('elder-2')).toEqual({ minutes: 30, held: 0 });
    expect((await statement('elder-2')).filter((line) => line[1] === 'posted')).toEqual([
      ['capture', 'posted', 0],
      ['hold', 'posted', -30],
      ['take', 'posted', 45],
      ['take', 'posted', 15],
    ]);
  });

  it('goes back by itself once it was held for too long, and cannot be spent any more', async () => {
    const [hold] = listener.heard
      .filter(({ device, band }) => device === 'reader-1' && band?.startsWith('band-'))
      .slice(1);
    const policies = () =>
      listener.heard.filter(({ device, type: kind }) => device === 'reader-1' && kind === 'policy').length;
    const before = policies();
    rule(2, 0);
    await listener.restart();
    await listener.until(() => (policies() > before ? true : undefined));
    await listener.until(() =>
      listener.heard.find(({ device, type: kind }) => device === 'gw-1' && kind === 'redeem'),
    );
    expect(await account('elder-1')).toEqual({ minutes: 60, held: 0 });
    expect((await statement('elder-1'))[0]).toEqual(['release', 'posted', 30]);
    expect(await type(`capture ${hold?.logSeq ?? 0}`)).toMatchObject({ outcome: 'refused' });
    await published();
    expect(await account('elder-1')).toEqual({ minutes: 60, held: 0 });
  });
});
