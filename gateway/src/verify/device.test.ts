import {
  type CertificateClaims,
  type ErrorCode,
  type Identity,
  genesisHash,
  issueCertificate,
  keyThumbprint,
  logIdOf,
  PrivateKey,
  TimebandError,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { DeviceKeys } from '../trust/index.js';
import { verifyIdentity } from './device.js';

const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const issuer = PrivateKey.generate();
const key = PrivateKey.generate();
const deviceKeys = new DeviceKeys();
const demand = { trust: new TrustStore([issuer.publicKey]), site: SITE, now: NOW, deviceKeys };

const certify = (changed: Partial<CertificateClaims> = {}, by = issuer): Uint8Array =>
  issueCertificate(by, {
    ...{ issuer: 'dahaiyang-issuer', subject: 'reader-1', role: 'reader', site: SITE },
    ...{ notBefore: NOW - 100, expires: NOW + 100, key: key.publicKey },
    ...changed,
  });

const genesis = genesisHash({
  site: SITE,
  device: 'reader-1',
  thumbprint: keyThumbprint(key.publicKey),
  epoch: 1,
});
const identity: Identity = {
  ...{ device: 'reader-1', firmware: '1.0.0', hardware: 'test-reader', boot: 1 },
  ...{ logId: logIdOf(genesis), epoch: 1, oldest: 1, acked: 0 },
};
const previous = { logId: identity.logId, seq: 9, head: new Uint8Array(32) };

function verdict(shown: Identity, certificate: Uint8Array): ErrorCode | 'accepted' {
  try {
    verifyIdentity(shown, certificate, demand);
    return 'accepted';
  } catch (error) {
    if (error instanceof TimebandError) return error.code;
    throw error;
  }
}

describe('an identity', () => {
  it('is proven by a certificate of the same device, over a log of the same key', () => {
    const device = verifyIdentity(identity, certify(), demand);
    expect(device.certificate).toMatchObject({ subject: 'reader-1', role: 'reader' });
    expect(toHex(device.genesis)).toBe(toHex(genesis));
  });

  it('may be that of a band, and of a later epoch that names the log before', () => {
    const thumbprint = keyThumbprint(key.publicKey);
    const later = genesisHash({ site: SITE, device: 'reader-1', thumbprint, epoch: 2, previous });
    const shown = { ...identity, epoch: 2, previous, logId: logIdOf(later) };
    expect(verdict(shown, certify({ role: 'band' }))).toBe('accepted');
  });

  it.each([
    ['of an issuer that is not known', certify({}, PrivateKey.generate()), 'cert/untrusted-issuer'],
    ['of another site', certify({ site: 'xiaohaiyang' }), 'cert/site'],
    ['of a gateway', certify({ role: 'gateway' }), 'cert/role'],
    ['that has expired', certify({ expires: NOW }), 'cert/expired'],
    ['of another device', certify({ subject: 'reader-2' }), 'cert/shape'],
    ['of another key', certify({ key: PrivateKey.generate().publicKey }), 'log/genesis'],
    ['that is none', new Uint8Array(3), 'cert/shape'],
  ])('is refused with a certificate %s', (_, certificate, code) => {
    expect(verdict(identity, certificate)).toBe(code);
  });

  it.each<[string, Partial<Identity>]>([
    ['another epoch', { epoch: 2 }],
    ['an earlier log that its log id does not name', { previous }],
    ['the log id of another log', { logId: new Uint8Array(16) }],
  ])('is refused with %s', (_, changed) => {
    expect(verdict({ ...identity, ...changed }, certify())).toBe('log/genesis');
  });
});
