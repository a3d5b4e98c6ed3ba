/** Logging in to the HTTP API by the client certificate of an account, as at the broker. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { certifyTls, makeTlsAuthority, type TlsKeyAndCertificate } from '@timeband/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './support/house.js';

const NOW = Math.floor(Date.now() / 1_000);
const DAY = 86_400;
const GOOD = { notBefore: NOW - DAY, notAfter: NOW + DAY };

let house: House;
let authority: TlsKeyAndCertificate;
beforeAll(async () => {
  house = await House.open();
  const { mqttAuthority, mqttAuthorityKey } = house.files;
  authority = {
    key: readFileSync(mqttAuthorityKey, 'utf8'),
    certificate: readFileSync(mqttAuthority, 'utf8'),
  };
});
afterAll(() => house.close());

const certificateOf = (client: string, validity = GOOD) => certifyTls(authority, { client }, validity);
const ask = (path: string, shown: TlsKeyAndCertificate | undefined, more: { agent?: Agent } = {}) =>
  house.ask(path, { as: 'nobody', shown, ...more });
const refused = (detail: string) => ({
  status: 401,
  type: expect.stringContaining('application/problem+json') as string,
  headers: { 'www-authenticate': expect.stringContaining('Basic') as string },
  body: { type: 'urn:timeband:api/certificate', detail: expect.stringContaining(detail) as string },
});
/** Changes one account in the file, as `user` does. */
const change = (name: string, more: Readonly<Record<string, unknown>> | undefined): void => {
  const all = JSON.parse(readFileSync(house.files.accounts, 'utf8')) as { name: string }[];
  const changed = all.flatMap((account) =>
    account.name !== name ? [account] : more === undefined ? [] : [{ ...account, ...more }],
  );
  writeFileSync(house.files.accounts, JSON.stringify(changed));
};

describe('a client certificate', () => {
  it('logs in the account that it names, with the role of that account and no more', async () => {
    const operator = await certificateOf('operator');
    expect(await ask('/v1/accounts', operator)).toMatchObject({ status: 200 });
    const subscriber = await certificateOf('subscriber');
    expect(await ask('/v1/catalogue', subscriber)).toMatchObject({ status: 200 });
    expect(await ask('/v1/accounts', subscriber)).toMatchObject({
      status: 403,
      body: { type: 'urn:timeband:api/role' },
    });
    const branch = await certificateOf('branch');
    expect(await ask('/v1/accounts/account-1', branch)).toMatchObject({
      status: 403,
      body: { type: 'urn:timeband:api/organisation' },
    });
    expect(house.log).toMatch(/"account":"operator","role":"operator","by":"certificate"/);
  });

  it('is refused, counted and logged where it is of another authority, has ended, is none for clients or names nobody', async () => {
    const stranger = await makeTlsAuthority('the authority of somebody else', GOOD);
    const server = { server: 'operator', names: [{ type: 'dns', value: 'localhost' } as const] };
    const over = { notBefore: NOW - 2 * DAY, notAfter: NOW - DAY };
    const cases: readonly [TlsKeyAndCertificate, string][] = [
      [await certifyTls(stranger, { client: 'operator' }, GOOD), 'of another authority'],
      [await makeTlsAuthority('operator', GOOD), 'not made for clients'],
      [await certificateOf('operator', over), 'it has ended'],
      [await certificateOf('operator', { notBefore: NOW + DAY, notAfter: NOW + 2 * DAY }), 'not good yet'],
      [await certifyTls(authority, server, GOOD), 'not made for clients'],
      [await certificateOf('nobody-knows'), 'no account of this name'],
      [await certificateOf('Not An Id'), 'no account of this name'],
    ];
    for (const [shown, detail] of cases)
      expect(await ask('/v1/catalogue', shown), detail).toMatchObject(refused(detail));
    const lines = house.log.split('\n').filter((line) => line.includes('a client certificate was refused'));
    expect(lines).toHaveLength(cases.length);
    expect(lines[2]).toMatch(/"account":"operator".*"certificate":"CERT_HAS_EXPIRED"/);
    expect(lines[6]).not.toContain('"account"');
    expect(await house.command('/status', {})).toMatchObject({
      counters: { 'api/refused': { 'api/certificate': cases.length } },
    });
  });

  it('is not looked at where a password is given, so neither makes up for the other', async () => {
    const shown = await certificateOf('operator');
    const wrong = await house.ask('/v1/accounts', { as: 'operator', password: 'a guess', shown });
    expect(wrong).toMatchObject({ status: 401, body: { type: 'urn:timeband:api/credentials' } });
    const asSubscriber = await house.ask('/v1/accounts', { as: 'subscriber', shown });
    expect(asSubscriber).toMatchObject({ status: 403, body: { type: 'urn:timeband:api/role' } });
    expect(await ask('/v1/accounts', undefined)).toMatchObject({
      status: 401,
      body: { type: 'urn:timeband:api/credentials' },
    });
  });

  it('counts no longer at the next request, on an open connection too, when its account is disabled, bound or gone', async () => {
    const shown = await certificateOf('console');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const status = async () => (await ask('/v1/catalogue', shown, { agent })).status;
      expect(await status()).toBe(200);
      change('console', { disabled: true });
      expect(await ask('/v1/catalogue', shown, { agent })).toMatchObject(refused('no account of this name'));
      change('console', { disabled: undefined });
      expect(await status()).toBe(200);
      change('console', { fingerprint: 'ab'.repeat(32) });
      expect(await status()).toBe(401);
      change('console', { fingerprint: undefined });
      expect(await status()).toBe(200);
      change('console', undefined);
      expect(await status()).toBe(401);
    } finally {
      agent.destroy();
    }
  });
});
