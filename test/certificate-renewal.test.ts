/** A gateway's own certificate is renewed by three commands, without a restart. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayTopics, issueCertificate, readUnverifiedCertificate, toHex } from '@timeband/protocol';
import { readPrivateKeyPem, writePrivateKeyPem } from '@timeband/protocol/pem';
import { runJson } from '@timeband/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Centre, GATEWAY, GATEWAY_BIN, SITE } from './support/centre.js';

const DAY = 86_400;
/** Six programs are started, one after another. */
const TIMEOUT_MS = 120_000;

let centre: Centre;
beforeEach(async () => {
  centre = await Centre.create();
});
afterEach(() => centre.close());

it(
  'renews the certificate of a gateway that runs, from request to topic, with an encrypted issuer key',
  async () => {
    const file = (name: string): string => join(centre.dir, name);
    const certificate = (...args: string[]) => runJson([GATEWAY_BIN, 'certificate', ...args, '--json']);
    const config = ['--config', centre.config];
    const issuerKey = readPrivateKeyPem(readFileSync(centre.issuerKey, 'utf8'));
    writeFileSync(file('issuer.key'), writePrivateKeyPem(issuerKey, 'long and secret'), { mode: 0o600 });
    writeFileSync(file('passphrase'), 'long and secret\n', { mode: 0o600 });
    // A certificate that was made for less, so that another one is good for longer.
    const old = join(centre.dir, 'site/keys/gateway.cwt');
    const before = readUnverifiedCertificate(readFileSync(old));
    const { issuer, subject, role, site, key, notBefore } = before;
    const short = { issuer, subject, role, site, key, notBefore, expires: notBefore + 9 * DAY };
    writeFileSync(old, issueCertificate(issuerKey, short));

    await centre.startGateway();
    const { mqtt } = await centre.subscribe();
    const published: string[] = [];
    mqtt.on('message', (_topic, payload) => published.push(toHex(payload)));
    await mqtt.subscribeAsync(gatewayTopics(SITE, GATEWAY).certificate, { qos: 1 });

    await certificate('request', ...config, '--out', file('request'));
    const keyFiles = ['--issuer-key', file('issuer.key'), '--issuer-passphrase-file', file('passphrase')];
    const issued = await certificate('issue', file('request'), ...keyFiles, '--out', file('new.cwt'));
    expect(issued).toMatchObject({ site: SITE, gateway: GATEWAY });
    expect(Number(issued['expires'])).toBeGreaterThan(notBefore + 89 * DAY);
    const installed = await certificate('install', file('new.cwt'), ...config);
    expect(installed).toEqual({ expires: issued['expires'], running: true });

    await expect.poll(() => published.at(-1), { timeout: 20_000 }).toBe(toHex(readFileSync(file('new.cwt'))));
  },
  TIMEOUT_MS,
);
