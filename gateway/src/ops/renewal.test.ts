import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, PrivateKey, readUnverifiedCertificate } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveCredentials, loadCredentials } from '../config/index.js';
import { initSite } from './init.js';
import { OwnCertificateWatch } from './own-certificate.js';
import { installRenewal, issueRenewal, requestRenewal } from './renewal.js';

const MADE = 1_800_000_000;
const DAY = 86_400;
const SITE = 'dahaiyang';
const GATEWAY = 'gw-1';

describe('renewing the certificate of a gateway', () => {
  let dir: string;
  let files: ReturnType<typeof initSite>;
  let issuer: PrivateKey;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'renewal-'));
    files = initSite({ dir, site: SITE, gateway: GATEWAY, links: [], mqttPort: 0, now: MADE });
    issuer = readPrivateKeyPem(readFileSync(files.issuerKey, 'utf8'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const config = () => ({ dataDir: dir, site: SITE, gateway: GATEWAY });
  const expiresOf = (bytes: Uint8Array): number => readUnverifiedCertificate(bytes).expires;
  const installed = (): Buffer => readFileSync(files.gatewayCertificate);
  const bring = (bytes: Uint8Array): string => {
    const file = join(dir, 'brought.cwt');
    writeFileSync(file, bytes);
    return file;
  };

  function renew(now: number, days = 90): void {
    const { bytes } = issueRenewal(requestRenewal(config(), now), issuer, days, now);
    installRenewal(config(), bring(bytes), now);
  }

  it('goes on for another ninety days before the old one ends', () => {
    const key = readUnverifiedCertificate(installed()).thumbprint;
    renew(MADE + 75 * DAY);
    expect(expiresOf(installed())).toBe(MADE + 165 * DAY - 3_600);
    const { certificate } = loadCredentials(dir, SITE, GATEWAY, MADE + 164 * DAY);
    expect(certificate.thumbprint).toEqual(key);
  });

  it('is possible after the old one has ended', () => {
    const late = MADE + 200 * DAY;
    expect(() => loadCredentials(dir, SITE, GATEWAY, late)).toThrow(/has expired.*certificate --help/);
    renew(late);
    expect(loadCredentials(dir, SITE, GATEWAY, late).certificate.expires).toBeGreaterThan(late + 89 * DAY);
  });

  it('is not for less time than there is, nor for more than ninety days', () => {
    const request = requestRenewal(config(), MADE);
    expect(() => issueRenewal(request, issuer, 30, MADE)).toThrow(/no shorter than this one would be/);
    expect(() => issueRenewal(request, issuer, 91, MADE + DAY)).toThrow(/cert\//);
  });

  it('is made by the issuer that certified the gateway, and by no other', () => {
    const request = requestRenewal(config(), MADE + DAY);
    expect(() => issueRenewal(request, PrivateKey.generate(), 90, MADE + DAY)).toThrow(
      /provisioning\/refused/,
    );
    expect(() => issueRenewal(Buffer.from('rubbish'), issuer, 90, MADE)).toThrow(/provisioning\/shape/);
  });

  it.each([
    ['of another box', { subject: 'gw-2' }, /is for gw-2/],
    ['of another key', { key: PrivateKey.generate().publicKey }, /for another key/],
    ['of another site', { site: 'elsewhere', issuer: 'elsewhere' }, /cert\//],
    ['of a reader', { role: 'reader' }, /cert\/role/],
    ['that ends sooner', { expires: MADE + 2 * DAY }, /before the one that is there/],
    ['that has not begun', { notBefore: MADE + 3 * DAY }, /Set the clock/],
  ] as const)('a certificate %s is not installed', (_, change, complaint) => {
    const before = installed();
    const { key } = readUnverifiedCertificate(before);
    const claims = { issuer: SITE, subject: GATEWAY, role: 'gateway', site: SITE, key } as const;
    const span = { notBefore: MADE + DAY, expires: MADE + 91 * DAY };
    const bytes = issueCertificate(issuer, { ...claims, ...span, ...change });
    expect(() => installRenewal(config(), bring(bytes), MADE + DAY)).toThrow(complaint);
    expect(installed()).toEqual(before);
  });

  it('a certificate of another issuer, or what is none, is not installed', () => {
    const before = installed();
    const { key } = readUnverifiedCertificate(before);
    const claims = { issuer: SITE, subject: GATEWAY, role: 'gateway', site: SITE, key } as const;
    const span = { notBefore: MADE, expires: MADE + 90 * DAY };
    const stranger = issueCertificate(PrivateKey.generate(), { ...claims, ...span });
    for (const bytes of [stranger, Buffer.from('rubbish'), Buffer.alloc(0)])
      expect(() => installRenewal(config(), bring(bytes), MADE)).toThrow(/brought\.cwt: /);
    expect(installed()).toEqual(before);
  });

  it('is noticed by a gateway that runs, which goes on with the old one where the new is not good', () => {
    const timers = new ManualTimers();
    const now = MADE + 75 * DAY;
    const credentials = new LiveCredentials(loadCredentials(dir, SITE, GATEWAY, now));
    const renewed: number[] = [];
    const counted: string[] = [];
    const watch = new OwnCertificateWatch({
      ...{ file: files.gatewayCertificate, credentials, timers, wallClock: () => now },
      log: pino({ level: 'silent' }),
      counters: { count: (name) => counted.push(name) },
      renewed: ({ expires }) => renewed.push(expires),
    });
    watch.start();
    renew(now);
    const expires = expiresOf(installed());
    timers.advance(60_000);
    expect([renewed, credentials.certificate.expires]).toEqual([[expires], expires]);
    writeFileSync(files.gatewayCertificate, 'rubbish');
    timers.advance(60_000);
    rmSync(files.gatewayCertificate);
    expect(watch.look()).toEqual({ expires });
    expect([renewed, counted]).toEqual([[expires], ['certificate/unusable', 'certificate/unusable']]);
    watch.close();
    expect(timers.pending).toBe(0);
  });
});
