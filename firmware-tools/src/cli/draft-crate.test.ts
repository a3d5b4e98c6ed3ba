import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  issueCertificate,
  keyThumbprint,
  PrivateKey,
  readRegister,
  Register,
  REGISTER_HEADER,
  registerLine,
  type RegisterNote,
  openIssuerCertificate,
  signPolicy,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDecision, readDecision } from '../approval/decision.js';
import { bandctl } from '../test-support/bandctl.js';
import { NOW } from '../test-support/device.js';

const site = 'dahaiyang';
const dir = mkdtempSync(join(tmpdir(), 'crate-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const issuerKey = PrivateKey.generate();
const certify = (subject: string, role: 'issuer' | 'band' | 'reader', key: PrivateKey): Uint8Array =>
  issueCertificate(issuerKey, {
    ...{ issuer: 'issuer-1', subject, role, site, notBefore: NOW - 100, expires: NOW + 1_000_000 },
    key: key.publicKey,
  });
const issuer = certify('issuer-1', 'issuer', issuerKey);
const keys = new Map<string, PrivateKey>();

/** A register as the bench leaves it: band 1 to 3 free, 4 of account-4, 5 revoked, 6 not finished, and a reader. */
function register(): string {
  const trust = new TrustStore([openIssuerCertificate(issuer)]);
  const written = new Register({ site, trust });
  let text = `${REGISTER_HEADER}\n`;
  const note = (one: RegisterNote): void => {
    const entry = written.draft(issuerKey, NOW, one);
    written.take(entry);
    text += registerLine(entry);
  };
  const device = (name: string, role: 'band' | 'reader' = 'band') => {
    const key = PrivateKey.generate();
    keys.set(name, key);
    const certificate = certify(name, role, key);
    return { device: name, serial: `sn-${name}`, hardware: 'b1', firmware: '1.0.0', certificate };
  };
  note({ what: 'opened', certificate: issuer });
  for (const n of [1, 2, 3, 5]) note({ what: 'issued', ...device(`band-${n}`) });
  note({ what: 'issued', ...device('band-4'), account: 'account-4' });
  note({ what: 'granted', ...device('band-6') });
  note({ what: 'issued', ...device('reader-1', 'reader') });
  const thumbprint = keyThumbprint((keys.get('band-5') ?? issuerKey).publicKey);
  const revocations = [{ thumbprint, at: NOW, reason: 'lost' } as const];
  const policy = signPolicy(
    issuerKey,
    { number: 1, issued: NOW, site },
    { type: 'revocations', revocations },
  );
  note({ what: 'revoked', device: 'band-5', policy });
  expect(readRegister(text, { site, trust }).register.entries).toHaveLength(9);
  return text;
}

const put = (name: string, text: string | Uint8Array): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};
const site1 = ` --register ${put('register.txt', register())} --issuer ${put('issuer.cwt', issuer)}`;
const decisionIn = (file: string) => readDecision(parseDecision(readFileSync(file, 'utf8'))).action;

describe('a crate of new elders', () => {
  it('becomes an enrolment and a welcome for each, with the keys that the register has', async () => {
    const csv = put(
      'elders.csv',
      '\ufeffName,Account,Band,Serial\r\n"Wang, A",account-1,band-1,\r\n\r\nLi,account-2,,sn-band-2\r\nZhao,account-4,band-4,\r\nSun,account-5,tag-04a1b2c3d4e5f6,\r\n',
    );
    const out = join(dir, 'crate');
    const made = await bandctl(`draft crate ${csv}${site1} --recorder office-1 --out ${out}`);
    expect(made).toEqual({
      exitCode: 0,
      err: ['left out: Name'],
      out: [
        '4 elders: 3 enrolments (1 have their band since the bench), 4 welcomes of 120 minutes: 480 out of fund',
        `${out} is for the operators: bandctl approve ${out} --site SITE --key FILE`,
      ],
    });
    expect(readdirSync(out)).toHaveLength(7);
    expect(decisionIn(join(out, 'account-2.enrol.json'))).toMatchObject({
      ...{ account: 'account-2', band: 'band-2', step: 'issued', at: NOW },
      thumbprint: keyThumbprint((keys.get('band-2') ?? issuerKey).publicKey),
    });
    expect(decisionIn(join(out, 'account-4.welcome.json'))).toMatchObject({
      ...{ sort: 'welcome', from: 'fund', to: 'account-4', minutes: 120, recorder: 'office-1' },
    });
    expect(existsSync(join(out, 'account-4.enrol.json'))).toBe(false);
    const welcomes = join(dir, 'welcomes');
    await bandctl(`draft crate ${csv}${site1} --no-enrol --out ${welcomes}`);
    expect(readdirSync(welcomes)).toHaveLength(4);
    const again = await bandctl(`draft crate ${csv}${site1} --out ${out}`);
    expect(again).toMatchObject({
      exitCode: 4,
      out: [],
      err: [expect.stringMatching(/and 6 more; nothing was/)],
    });
  });

  it('is refused whole when a line makes no sense, and each such line is named', async () => {
    const csv = put(
      'bad.csv',
      `account,band,thumbprint
account-1,band-1,
account-1,band-2,
account-2,band-1,
Wang,band-3,
account-3,band-5,
account-4,band-6,
account-5,reader-1,
account-6,band-9,
account-7,band-4,
account-8,band-3,${'0'.repeat(64)}
account-9,,
,band-3,
account-10,tag-04a1b2c3d4e5f6,${'0'.repeat(64)}
account-11,band-3,
`,
    );
    const out = join(dir, 'bad');
    const { exitCode, err } = await bandctl(`draft crate ${csv}${site1} --out ${out}`);
    expect(exitCode).toBe(4);
    expect(err.map((line) => line.replace(`${csv}, `, ''))).toEqual([
      'line 3: account-1 is in line 2 already',
      'line 4: band-1 is in line 2 already',
      'line 5: "Wang" is no account: lower-case letters, digits, single hyphens',
      'line 6: band-5 is revoked',
      'line 7: band-6 was not finished: plug it in at the bench again',
      "line 8: reader-1 is a reader, which is nobody's",
      'line 9: the register knows no band-9',
      'line 10: band-4 was given to account-4 when it was provisioned',
      'line 11: the register has another key of band-3 than this line',
      'line 12: it says no band',
      'line 13: it says no account',
      'line 14: tag-04a1b2c3d4e5f6 is a tag, and has no key',
      'bandctl: 12 of 14 lines make no sense; nothing was written',
    ]);
    expect(existsSync(out)).toBe(false);
  });

  it('takes the key from the table where there is no register, and is no guess where nothing has it', async () => {
    const key = 'ab'.repeat(32);
    const csv = put('keyed.csv', `device,account,key\nband-1,account-1,${key}\n`);
    const out = join(dir, 'keyed');
    const { out: said } = await bandctl(`draft crate ${csv} --no-welcome --json --out ${out}`);
    expect(JSON.parse(said.join(''))).toMatchObject({ elders: 1, enrolments: 1, welcomes: 0, minutes: 0 });
    const [action] = [decisionIn(join(out, 'account-1.enrol.json'))];
    expect('thumbprint' in action && action.thumbprint && toHex(action.thumbprint)).toBe(key);
    for (const [text, code, why] of [
      ['account,band\naccount-1,band-1\n', 4, /nothing says which key band-1 has/],
      ['account,serial\naccount-1,sn-1\n', 4, /serial sn-1 stands in the register/],
      ['name,band\nx,band-1\n', 2, /columns "account" and "band"/],
      ['account,band\n', 2, /nobody in it/],
      ['', 2, /columns/],
      ['account,band\n"account-1,band-1\n', 2, /no table/],
      [new Uint8Array([0xcd, 0xf5]), 2, /UTF-8/],
    ] as const) {
      const { exitCode, err } = await bandctl(
        `draft crate ${put('odd.csv', text)} --out ${join(dir, 'odd')}`,
      );
      expect([exitCode, err.join(' ')]).toEqual([code, expect.stringMatching(why)]);
    }
    expect((await bandctl(`draft crate ${csv} --register ${dir}/register.txt --out ${dir}/x`)).exitCode).toBe(
      2,
    );
    expect((await bandctl(`draft crate ${join(dir, 'none')} --out ${dir}/x`)).exitCode).toBe(3);
  });
});

describe('many decisions', () => {
  const keyFile = (name: string): string => {
    const file = join(dir, name);
    writeFileSync(file, writePrivateKeyPem(PrivateKey.generate(), 'secret'), { mode: 0o600 });
    return file;
  };

  it('are shown as one table and signed with one passphrase; the same again changes nothing', async () => {
    const csv = put('two.csv', 'account,band\naccount-1,tag-0401\naccount-2,tag-0402\n');
    const out = join(dir, 'many');
    expect((await bandctl(`draft crate ${csv} --out ${out}`)).exitCode).toBe(0);
    const shown = await bandctl(`approve ${out}`);
    expect(shown.out).toEqual(
      [
        'account    what                      minutes  signed  file',
        `account-1  issued, tag-0401                        0  ${out}/account-1.enrol.json`,
        `account-1  welcome from fund             120       0  ${out}/account-1.welcome.json`,
        `account-2  issued, tag-0402                        0  ${out}/account-2.enrol.json`,
        `account-2  welcome from fund             120       0  ${out}/account-2.welcome.json`,
        '2 enrolments',
        '2 welcomes: 240 minutes out of fund',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/ +/g, ' +')}$`)) as string),
    );
    const asked: string[] = [];
    const askSecret = (prompt: string) => Promise.resolve((asked.push(prompt), 'secret'));
    const approve = async (key: string) => {
      const {
        out: said,
        err,
        exitCode,
      } = await bandctl(`approve ${out} --site ${site} --key ${key}`, {}, { askSecret });
      return [exitCode, said.at(-1), ...err];
    };
    const [li, wang] = [keyFile('li.key'), keyFile('wang.key')];
    expect(await approve(li)).toEqual([
      0,
      '4 approved; 2 can be brought to the gateway: timeband-gateway submit; 2 need another operator',
    ]);
    expect(asked).toHaveLength(1);
    const texts = () => readdirSync(out).map((name) => readFileSync(join(out, name), 'utf8'));
    const before = texts();
    expect((await approve(li))[0]).toBe(0);
    expect(texts()).toEqual(before);
    expect(await approve(wang)).toEqual([
      0,
      '4 approved; 4 can be brought to the gateway: timeband-gateway submit',
    ]);
  });

  it('are signed as far as they can be; what cannot is named, and does not stop the others', async () => {
    const good = join(dir, 'pay.json');
    const pay = (file: string, sort: string) =>
      `draft transfer --sort ${sort} --from fund --to account-1 --minutes 120 --out ${file}`;
    await bandctl(pay(good, 'welcome'));
    await bandctl(pay(join(dir, 'pay-2.json'), 'welcome'));
    const bad = put('torn.json', '{"kind":"transfer","acti');
    const odd = put('odd.json', '{"kind":"transfer","action":"oA==","approvals":[null]}');
    const line = `approve ${good} ${bad} ${odd} ${join(dir, 'gone.json')} ${join(dir, 'pay-2.json')}`;
    const askSecret = () => Promise.resolve('secret');
    const key = keyFile('sun.key');
    const done = await bandctl(`${line} --site ${site} --key ${key}`, {}, { askSecret });
    expect(done.exitCode).toBe(5);
    expect(done.err).toEqual(
      ['torn.json', 'odd.json', 'gone.json'].map((name) => expect.stringContaining(name) as string),
    );
    expect(done.out.slice(-2)).toEqual([
      'Only the first welcome counts: account-1 would have two',
      '2 approved; 2 need another operator; 3 could not be signed',
    ]);
    const json = await bandctl(`${line} --json --site ${site} --key ${key}`, {}, { askSecret });
    const lines = json.out.map(
      (text) => JSON.parse(text) as { file: string; problem?: string; decision?: object },
    );
    expect(lines.map(({ problem, decision }) => [problem !== undefined, decision !== undefined])).toEqual([
      ...[0, 1, 2].map(() => [true, false]),
      ...[0, 1].map(() => [false, true]),
    ]);
    expect((await bandctl(`approve ${bad} ${odd}`)).exitCode).toBe(4);
  });
});
