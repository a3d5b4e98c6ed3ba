import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { decodeStrict, encode, type CborMap } from '../cbor/index.js';
import { decodeCose, externalAad, sign1 } from '../cose/index.js';
import { deriveDeviceKey } from '../keys/index.js';
import { RevocationList, type RecordPlace } from '../policy/revocations.js';
import { codeOf, keyOf, seedOf } from '../test-support/index.js';
import {
  issueCertificate,
  openIssuerCertificate,
  openRootCertificate,
  TrustStore,
  type CertificateClaims,
  type CertificateDemand,
  type CertifiedKey,
} from './index.js';

const CITY = 'yantai';
const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const root = keyOf('root');
const issuer = keyOf('issuer');
const reader = keyOf('reader');

type Claims = CertificateClaims<CertifiedKey>;
const years = { notBefore: NOW - 1_000, expires: NOW + 100_000 };
const rootClaims: Claims = {
  ...{ issuer: 'yantai-root', subject: 'yantai-root', role: 'root', site: CITY, ...years },
  key: root.publicKey,
};
const issuerClaims: Claims = {
  ...{ issuer: 'yantai-root', subject: 'dahaiyang-issuer', role: 'issuer', site: SITE, ...years },
  key: issuer.publicKey,
};
const readerClaims: Claims = {
  ...{ issuer: 'dahaiyang-issuer', subject: 'reader-1', role: 'reader', site: SITE, ...years },
  key: reader.publicKey,
};
const rootBytes = issueCertificate(root, rootClaims);
const issuerBytes = issueCertificate(root, issuerClaims);
const readerBytes = issueCertificate(issuer, readerClaims);
const demand: CertificateDemand = { roles: ['reader', 'band', 'gateway'], site: SITE, now: NOW };

/** A store that a person gave the root, and that was shown the issuer's certificate. */
function chained(changed: Partial<Claims> = {}): TrustStore {
  const store = new TrustStore([openRootCertificate(rootBytes)]);
  store.addIssuer(issueCertificate(root, { ...issuerClaims, ...changed }));
  return store;
}
const verdict = (bytes: Uint8Array, store = chained(), changed: Partial<CertificateDemand> = {}): string =>
  codeOf(() => store.verify(bytes, { ...demand, ...changed }));
const certified = (changed: Partial<Claims>, by = issuer): Uint8Array =>
  issueCertificate(by, { ...readerClaims, ...changed });

describe('a chain from root to device', () => {
  it('is believed with nothing at hand but the root', () => {
    expect(chained().verify(readerBytes, demand)).toMatchObject({ subject: 'reader-1', role: 'reader' });
  });

  it('is not believed without the issuer in between, or under another root', () => {
    expect(verdict(readerBytes, new TrustStore([openRootCertificate(rootBytes)]))).toBe(
      'cert/untrusted-issuer',
    );
    const stranger = keyOf('another root');
    const other = openRootCertificate(issueCertificate(stranger, { ...rootClaims, key: stranger.publicKey }));
    expect(codeOf(() => new TrustStore([other]).addIssuer(issuerBytes))).toBe('cert/untrusted-issuer');
  });

  it('holds only while every certificate in it does', () => {
    const store = chained({ notBefore: NOW - 10, expires: NOW + 10 });
    const at = (now: number): string => verdict(readerBytes, store, { now });
    expect([NOW - 11, NOW - 10, NOW + 9, NOW + 10].map(at)).toEqual([
      'cert/not-yet-valid',
      'accepted',
      'accepted',
      'cert/expired',
    ]);
    expect(store.verify(readerBytes, demand)).toMatchObject({ notBefore: NOW - 10, expires: NOW + 10 });
  });

  it('never holds where its validities do not meet, and no clock is needed to see that', () => {
    const store = chained({ notBefore: NOW - 1_000, expires: NOW - 500 });
    const later = certified({ notBefore: NOW - 500 });
    expect(verdict(later, store, { now: undefined })).toBe('cert/expired');
  });

  it('lets no root certify a device', () => {
    expect(verdict(certified({ issuer: 'yantai-root' }, root))).toBe('cert/role');
  });

  it('lets no issuer certify another issuer or a root', () => {
    for (const role of ['issuer', 'root'] as const) {
      const bytes = certified({ role, key: keyOf('crony').publicKey });
      expect(verdict(bytes, chained(), { roles: [role] })).toBe('cert/role');
      expect(codeOf(() => chained().addIssuer(bytes))).toBe('cert/role');
    }
  });

  it('lets an issuer certify its own site only', () => {
    const elsewhere = certified({ site: 'xiaohaiyang' });
    expect(verdict(elsewhere, chained(), { site: 'xiaohaiyang' })).toBe('cert/site');
  });

  it('lets nobody certify in the name of another', () => {
    expect(verdict(certified({ issuer: 'xiaohaiyang-issuer' }))).toBe('cert/untrusted-issuer');
  });

  it('may begin with an issuer that stands for itself, by its certificate or by its bare key', () => {
    const own = issueCertificate(issuer, { ...issuerClaims, issuer: 'dahaiyang-issuer' });
    expect(verdict(readerBytes, new TrustStore([openIssuerCertificate(own)]))).toBe('accepted');
    expect(verdict(readerBytes, new TrustStore([issuer.publicKey]))).toBe('accepted');
    expect(codeOf(() => chained().addIssuer(own))).toBe('cert/untrusted-issuer');
  });

  it('does not begin with a device', () => {
    const device = new TrustStore([issuer.publicKey]).verify(readerBytes, demand);
    expect(codeOf(() => new TrustStore([device]))).toBe('cert/role');
  });

  it('can be continued by the successor that an authority signs for, of its own name and site only', () => {
    const store = chained();
    const next = keyOf('next issuer');
    const own = { ...issuerClaims, issuer: 'dahaiyang-issuer', key: next.publicKey };
    const authority = store.speaker(keyIdOf(issuerBytes, store));
    expect(
      codeOf(() => store.introduce(issueCertificate(next, { ...own, site: 'xiaohaiyang' }), authority)),
    ).toBe('cert/site');
    expect(codeOf(() => store.introduce(issueCertificate(next, { ...own, role: 'root' }), authority))).toBe(
      'cert/role',
    );
    store.introduce(issueCertificate(next, own), authority);
    expect(verdict(certified({}, next), store)).toBe('accepted');
  });
});

describe('the certificate of a gateway', () => {
  const days = (count: number): Partial<Claims> => ({
    ...{ role: 'gateway', notBefore: NOW, expires: NOW + count * 86_400 },
  });

  it('is issued for 90 days at most', () => {
    expect(codeOf(() => certified(days(90)))).toBe('accepted');
    expect(codeOf(() => certified({ ...days(90), expires: NOW + 90 * 86_400 + 1 }))).toBe('cert/shape');
  });

  it('is refused for longer, even when the issuer signed it', () => {
    const bytes = certified({ ...days(90) });
    expect(verdict(bytes, new TrustStore([issuer.publicKey]))).toBe('accepted');
    const tooLong = resigned(bytes, NOW + 91 * 86_400);
    expect(verdict(tooLong, new TrustStore([issuer.publicKey]))).toBe('cert/shape');
  });
});

describe('the certificate of a device that only MACs', () => {
  const key = deriveDeviceKey(seedOf('site master'), { site: SITE, device: 'band-7' }, 1);
  const name = { algorithm: 5, thumbprint: key.thumbprint } as const;
  const bytes = certified({ subject: 'band-7', role: 'band', key: name });

  it('names its key without showing it', () => {
    const device = chained().verifyDevice(bytes, demand);
    expect(device).toMatchObject({ subject: 'band-7', key: { algorithm: 5 } });
    expect(toHex(device.kid)).toBe(toHex(key.kid));
    expect(toHex(bytes)).not.toContain(toHex(key.export()));
  });

  it('is refused where a key that signs is needed', () => {
    expect(verdict(bytes)).toBe('cert/shape');
  });

  it.each(['root', 'issuer', 'gateway', 'operator', 'technician'] as const)(
    'is not issued to a %s',
    (role) => {
      expect(codeOf(() => certified({ role, key: name, expires: NOW }))).toBe('cert/shape');
    },
  );
});

describe('a revoked key', () => {
  const store = chained();
  const certificate = store.verify(readerBytes, demand);
  const { signer, thumbprint } = certificate;
  const rootId = openRootCertificate(rootBytes).kid;
  const place: RecordPlace = {
    ...{ logId: new Uint8Array(16), seq: 3, received: NOW },
    hashAt: () => undefined,
  };

  it('is refused from its revocation on, and at any time where there is no clock', () => {
    const revoked = chained();
    revoked.revoke(signer, new RevocationList([{ thumbprint, at: NOW, reason: 'lost' }]));
    expect(verdict(readerBytes, revoked, { now: NOW - 1 })).toBe('accepted');
    expect(verdict(readerBytes, revoked, { now: NOW })).toBe('cert/revoked');
    expect(verdict(readerBytes, revoked, { now: undefined })).toBe('cert/revoked');
  });

  it('is heard all the same by who keeps its records for review', () => {
    const revoked = chained();
    revoked.revoke(signer, new RevocationList([{ thumbprint, at: NOW }]));
    expect(verdict(readerBytes, revoked, { revoked: 'accept' })).toBe('accepted');
    expect(revoked.verdict(certificate, place)).toBe('review');
    expect(chained().verdict(certificate, place)).toBe('trusted');
  });

  it('may be an issuer’s, by its root: nothing that it certified is believed any more', () => {
    const revoked = chained();
    const issuerKey = revoked.speaker(signer).certificate?.thumbprint ?? new Uint8Array();
    revoked.revoke(rootId, new RevocationList([{ thumbprint: issuerKey, at: NOW, reason: 'compromised' }]));
    expect(verdict(readerBytes, revoked)).toBe('cert/revoked');
    expect(verdict(readerBytes, revoked, { revoked: 'accept' })).toBe('cert/revoked');
    expect(codeOf(() => revoked.speaker(signer, NOW))).toBe('cert/revoked');
  });

  it('is not revoked by a list of someone who did not certify it', () => {
    const revoked = chained();
    revoked.revoke(keyIdOf(readerBytes, revoked), new RevocationList([{ thumbprint, at: 0 }]));
    const issuerKey = revoked.speaker(signer).certificate?.thumbprint ?? new Uint8Array();
    revoked.revoke(signer, new RevocationList([{ thumbprint: issuerKey, at: 0 }]));
    expect(verdict(readerBytes, revoked)).toBe('accepted');
  });
});

function keyIdOf(bytes: Uint8Array, store: TrustStore): Uint8Array {
  return store.verify(bytes, { roles: ['issuer', 'reader'], site: SITE }).kid;
}

/** The same certificate with another end, signed by the issuer past what its software lets it. */
function resigned(bytes: Uint8Array, expires: number): Uint8Array {
  const payload = decodeStrict(decodeCose(bytes.subarray(2)).payload ?? new Uint8Array()) as CborMap;
  const changed = encode(new Map(payload).set(4, expires));
  return concat(bytes.subarray(0, 2), sign1(issuer, externalAad('certificate', SITE), changed));
}
