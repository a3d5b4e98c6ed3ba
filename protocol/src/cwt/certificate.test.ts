import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { encode, entries, type CborValue } from '../cbor/index.js';
import { externalAad, sign1, toCoseKey } from '../cose/index.js';
import { CertificateError } from '../errors.js';
import { codeOf, keyOf } from '../test-support/index.js';
import {
  issueCertificate,
  openIssuerCertificate,
  readUnverifiedCertificate,
  TrustStore,
  type CertificateClaims,
  type CertificateDemand,
} from './index.js';

const issuer = keyOf('issuer');
const reader = keyOf('reader');
const claims: CertificateClaims = {
  issuer: 'dahaiyang-issuer',
  subject: 'reader-1',
  role: 'reader',
  site: 'dahaiyang',
  notBefore: 1_000,
  expires: 2_000,
  key: reader.publicKey,
};
const certificate = issueCertificate(issuer, claims);
const store = new TrustStore([issuer.publicKey]);
const demand: CertificateDemand = { roles: ['reader', 'band'], site: 'dahaiyang', now: 1_500 };

const verdict = (bytes: Uint8Array, changed: Partial<CertificateDemand> = {}): string =>
  codeOf(() => store.verify(bytes, { ...demand, ...changed }));

/** A CWT that the issuer did sign, over claims that its software would never write. */
function oddCertificate(
  change: Partial<Record<1 | 2 | 4 | 5 | 8 | -65_537 | -65_538, CborValue>>,
): Uint8Array {
  const cnf = entries([1, toCoseKey(reader.publicKey)]);
  const normal = {
    1: 'dahaiyang-issuer',
    2: 'reader-1',
    4: 2_000,
    5: 1_000,
    8: cnf,
    '-65537': 4,
    '-65538': 'dahaiyang',
  };
  const all: Record<string, CborValue> = { ...normal, ...change };
  const keys = [1, 2, 4, 5, 8, -65_537, -65_538] as const;
  const payload = encode(entries(...keys.map((key) => [key, all[key]] as const)));
  return concat(fromHex('d83d'), sign1(issuer, externalAad('certificate', 'dahaiyang'), payload));
}

describe('a certificate', () => {
  it('comes back with what was certified', () => {
    const verified = store.verify(certificate, demand);
    expect(verified).toMatchObject({
      subject: 'reader-1',
      role: 'reader',
      site: 'dahaiyang',
      expires: 2_000,
    });
    expect(toHex(verified.key.x)).toBe(toHex(reader.publicKey.x));
    expect(verified.bytes).toBe(certificate);
  });

  it('keeps to about 190 bytes', () => {
    expect(certificate.length).toBeLessThan(230);
  });

  it('is valid from its first second up to, but not in, its last', () => {
    expect([999, 1_000, 1_999, 2_000].map((now) => verdict(certificate, { now }))).toEqual([
      'cert/not-yet-valid',
      'accepted',
      'accepted',
      'cert/expired',
    ]);
  });

  it('is checked without times where no clock can be trusted', () => {
    expect(verdict(certificate, { now: undefined })).toBe('accepted');
  });

  it('is refused in another role and at another site', () => {
    expect(verdict(certificate, { roles: ['gateway'] })).toBe('cert/role');
    expect(verdict(certificate, { site: 'xiaohaiyang' })).toBe('cert/site');
  });

  it('is refused when a stranger signed it, even under the name of the issuer', () => {
    expect(verdict(issueCertificate(keyOf('stranger'), claims))).toBe('cert/untrusted-issuer');
  });

  it('is refused with any flipped bit, by an error that says it is about the certificate', () => {
    for (let i = 0; i < certificate.length; i++) {
      const flipped = Uint8Array.from(certificate);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      expect(() => store.verify(flipped, demand)).toThrow(CertificateError);
    }
    const forged = Uint8Array.from(certificate);
    forged.set([0], forged.length - 1);
    expect(verdict(forged)).toBe('cert/signature');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'cert/shape'],
    ['a COSE message without the CWT tag', certificate.subarray(2), 'cert/shape'],
    ['a tag and no message', fromHex('d83d'), 'cert/shape'],
    ['trailing bytes', concat(certificate, Uint8Array.of(0)), 'cert/shape'],
    ['an id outside [a-z0-9-]', oddCertificate({ 2: 'Reader 1' }), 'cert/shape'],
    ['an expiry that is text', oddCertificate({ 4: 'never' }), 'cert/shape'],
    ['a role that nobody defined', oddCertificate({ [-65_537]: 99 }), 'cert/role'],
    [
      'a key of small order',
      oddCertificate({ 8: entries([1, toCoseKey({ algorithm: -8, x: new Uint8Array(32), y: undefined })]) }),
      'cert/shape',
    ],
    ['no key at all', oddCertificate({ 8: new Map() }), 'cert/shape'],
  ])('is refused: %s', (_, bytes, code) => {
    expect(verdict(bytes)).toBe(code);
  });

  it('is not issued for an id that could not stand in a topic', () => {
    for (const subject of ['', 'Reader', 'a b', 'a/b', '-a', 'a'.repeat(41)]) {
      expect(codeOf(() => issueCertificate(issuer, { ...claims, subject }))).toBe('cert/shape');
    }
  });

  it('can be shown to a person before anybody has verified it', () => {
    const shown = readUnverifiedCertificate(issueCertificate(keyOf('stranger'), claims));
    expect(shown).toMatchObject({ subject: 'reader-1', role: 'reader' });
  });
});

describe("an issuer's own certificate", () => {
  const own: CertificateClaims = { ...claims, subject: claims.issuer, role: 'issuer', key: issuer.publicKey };

  it('opens by the key that is in it', () => {
    expect(openIssuerCertificate(issueCertificate(issuer, own)).subject).toBe('dahaiyang-issuer');
  });

  it('is refused when another key signed it', () => {
    expect(codeOf(() => openIssuerCertificate(issueCertificate(keyOf('stranger'), own)))).toBe(
      'cert/untrusted-issuer',
    );
  });

  it("is refused when it is a device's", () => {
    const selfMade = issueCertificate(reader, claims);
    expect(codeOf(() => openIssuerCertificate(selfMade))).toBe('cert/role');
  });
});
