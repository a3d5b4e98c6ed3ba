/** Certificates of every role, chains from a city's root, and policy documents. */
import { encode, entries } from '../../cbor/index.js';
import { certificateLabel, coseLabel, policyLabel } from '../../cbor-text/index.js';
import { externalAad, keyId, keyThumbprint, sign1, symmetricThumbprint } from '../../cose/index.js';
import { ALG, type PrivateKey } from '../../crypto/index.js';
import { issueCertificate, TrustStore, type Role } from '../../cwt/index.js';
import { deriveDeviceKey } from '../../keys/index.js';
import { openPolicy, signPolicy, wrapPolicy, type PolicyDraft, type Revocation } from '../../policy/index.js';
import { keyOf, seedOf } from '../../test-support/keys.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certificates, certify, head, keys, logId, site, validFrom, validUntil } from './scene.js';

const now = validFrom + 3_600;
const label = certificateLabel;
const about = (role: Role, more: Readonly<Record<string, unknown>> = {}) => ({
  label,
  context: { issuers: ['issuer'], roles: [role], site, now, ...more },
});

const city = 'yantai';
const root = keyOf('root');
const bandKey = deriveDeviceKey(seedOf('site master'), { site, device: 'band-2' }, 1);
const years = { notBefore: validFrom - 86_400, expires: validUntil + 86_400 };
const rootCertificate = certify(city, 'root', root, { ...years, signer: root, issuer: city, site: city });
const issuerOfRoot = (changes: Parameters<typeof certify>[3] = {}, role: Role = 'issuer'): Uint8Array =>
  certify('dahaiyang-issuer', role, keys.issuer, { signer: root, issuer: city, ...changes });
const selfSigned = certify('dahaiyang-issuer', 'issuer', keys.issuer);

const claims = (subject: string, role: Role, key: PrivateKey) => ({
  ...{ issuer: 'dahaiyang-issuer', subject, role, site, notBefore: validFrom, expires: validUntil },
  ...{ key: key.publicKey, thumbprint: keyThumbprint(key.publicKey) },
});

function certificate(name: string, subject: string, role: Role, key: PrivateKey): VectorCase {
  return valid(name, certify(subject, role, key), claims(subject, role, key), {
    ...about(role),
    cddl: 'certificate',
  });
}

function macCertificate(role: Role): Uint8Array {
  return issueCertificate(keys.issuer, {
    ...{
      issuer: 'dahaiyang-issuer',
      subject: 'band-2',
      role,
      site,
      notBefore: validFrom,
      expires: validUntil,
    },
    key: { algorithm: ALG.HMAC256, thumbprint: bandKey.thumbprint },
  });
}

export const certificateFile = (): VectorFile =>
  vectorFile(
    {
      structure: 'certificate',
      section: 'Certificate',
      about:
        'Certificates under an issuer key that is believed. The context says which roles, which site and what time.',
    },
    keys,
    [
      certificate('of a reader', 'reader-1', 'reader', keys.reader),
      certificate('of a gateway', 'gateway-1', 'gateway', keys.gateway),
      certificate('of a band with a P-256 key', 'band-1', 'band', keys.p256),
      certificate('of an operator', 'operator-1', 'operator', keys.p256),
      certificate('of a technician', 'technician-1', 'technician', keys.stranger),
      valid(
        'of a band that only MACs',
        macCertificate('band'),
        {
          ...claims('band-2', 'band', keys.reader),
          key: { algorithm: ALG.HMAC256, thumbprint: bandKey.thumbprint },
          thumbprint: bandKey.thumbprint,
        },
        { ...about('band'), cddl: 'certificate' },
      ),
      invalid(
        'by an issuer that nobody knows',
        certify('reader-1', 'reader', keys.reader, { signer: keys.stranger }),
        'cert/untrusted-issuer',
        about('reader'),
      ),
      invalid(
        'one bit of the signature changed',
        damaged(certificates.reader),
        'cert/signature',
        about('reader'),
      ),
      invalid(
        'of another site',
        certify('reader-1', 'reader', keys.reader, { site: 'xiaohaiyang' }),
        'cert/site',
        about('reader'),
      ),
      invalid('of another role', certificates.reader, 'cert/role', about('gateway')),
      invalid(
        'a second before it is valid',
        certificates.reader,
        'cert/not-yet-valid',
        about('reader', { now: validFrom - 1 }),
      ),
      invalid(
        'in the second in which it expires',
        certificates.reader,
        'cert/expired',
        about('reader', { now: validUntil }),
      ),
      invalid('without the tag of a CWT', certificates.reader.subarray(2), 'cert/shape', about('reader')),
    ],
  );

export const issuerFile = (): VectorFile => {
  const context = { anchors: [rootCertificate], now };
  const chain = { label, context };
  const expired = { ...years, expires: now };
  return vectorFile(
    {
      structure: 'issuer-certificate',
      section: 'Certificate',
      about: 'Certificates of issuers, under the root of a city whose own certificate is in the context.',
    },
    { root, issuer: keys.issuer, stranger: keys.stranger },
    [
      valid(
        'an issuer that the root certified',
        issuerOfRoot(),
        { ...claims('dahaiyang-issuer', 'issuer', keys.issuer), issuer: city },
        { ...chain, cddl: 'certificate' },
      ),
      valid(
        'valid no longer than the root',
        issuerOfRoot({ expires: validUntil + 172_800 }),
        { ...claims('dahaiyang-issuer', 'issuer', keys.issuer), issuer: city, expires: years.expires },
        chain,
      ),
      invalid('an issuer that certified itself', selfSigned, 'cert/untrusted-issuer', chain),
      invalid('a gateway that the root certified', issuerOfRoot({}, 'gateway'), 'cert/role', chain),
      invalid(
        'signed in the name of another root',
        issuerOfRoot({ issuer: 'beijing' }),
        'cert/untrusted-issuer',
        chain,
      ),
      invalid('an issuer whose time is over', issuerOfRoot(expired), 'cert/expired', chain),
      invalid('one bit of the signature changed', damaged(issuerOfRoot()), 'cert/signature', chain),
    ],
  );
};

const revoked: Revocation = {
  ...{ thumbprint: keyThumbprint(keys.reader.publicKey), at: now - 60, reason: 'lost' },
  lastTrusted: { logId, seq: 2, hash: head },
};
const header = { number: 3, issued: now - 60, site };
const revocations: PolicyDraft = { type: 'revocations', revocations: [revoked] };

export const chainFile = (): VectorFile => {
  const context = { anchors: [rootCertificate], certified: [issuerOfRoot()], roles: ['reader'], site, now };
  const list = signPolicy(keys.issuer, header, revocations);
  const sitesIssuer = signPolicy(
    root,
    { ...header, site: city },
    {
      type: 'revocations',
      revocations: [
        { thumbprint: keyThumbprint(keys.issuer.publicKey), at: now - 60, reason: 'compromised' },
      ],
    },
  );
  const issuerByIssuer = certify('reader-1', 'issuer', keys.reader);
  return vectorFile(
    {
      structure: 'certificate',
      section: 'Certificate',
      about:
        'Whole chains: the root is known by its certificate, the issuer by the root’s word, and lists of revoked keys may be there.',
    },
    { root, issuer: keys.issuer, reader: keys.reader },
    [
      valid('root, issuer, reader', certificates.reader, claims('reader-1', 'reader', keys.reader), {
        label,
        context,
      }),
      invalid('an issuer that an issuer certified', issuerByIssuer, 'cert/role', {
        label,
        context: { ...context, roles: ['issuer'] },
      }),
      invalid(
        'a reader of another site than its issuer’s',
        certify('reader-1', 'reader', keys.reader, { site: 'xiaohaiyang' }),
        'cert/site',
        { label, context: { ...context, site: 'xiaohaiyang' } },
      ),
      invalid('a reader whose key was revoked', certificates.reader, 'cert/revoked', {
        label,
        context: { ...context, policies: [list] },
      }),
      invalid('a reader whose issuer was revoked', certificates.reader, 'cert/revoked', {
        label,
        context: { ...context, policies: [sitesIssuer] },
      }),
    ],
  );
};

export const policyFile = (): VectorFile => {
  const policy = coseLabel(policyLabel);
  const context = { anchors: [rootCertificate], certified: [issuerOfRoot()], site, now };
  const signer = keyId(keys.issuer.publicKey);
  const all: readonly (readonly [string, PolicyDraft])[] = [
    ['a catalogue', { type: 'catalogue', body: entries([7, entries([1, 30])]) }],
    ['rules', { type: 'rules', body: entries([1, 15]) }],
    ['revocations', revocations],
    ['keys', { type: 'keys', certificates: [selfSigned] }],
    ['a primary', { type: 'primary', gateway: 'gateway-1', term: 2 }],
  ];
  const primary = (number: number, term = 2, key = keys.issuer, where = site): Uint8Array =>
    signPolicy(key, { ...header, number, site: where }, { type: 'primary', gateway: 'gateway-1', term });
  const says = (content: PolicyDraft, taken = 'new') => ({ ...header, signer, content, taken });
  const about = { label: policy, context, cddl: 'policy' };
  const odd = (payload: Uint8Array): Uint8Array => sign1(keys.issuer, externalAad('policy', site), payload);
  const before = (...documents: readonly Uint8Array[]) => ({
    label: policy,
    context: { ...context, before: documents },
  });
  const opened = openPolicy(primary(3), new TrustStore([keys.issuer.publicKey]), { site });
  const mac = {
    label: coseLabel(policyLabel, 'MAC'),
    context: { key: 'band2', site, device: 'band-2', now },
  };
  const wrapped = wrapPolicy(bandKey, opened);
  return vectorFile(
    {
      structure: 'policy',
      section: 'Policy',
      about:
        'Policy documents, opened by whom they concern. Documents that were taken before are in the context.',
    },
    { root, issuer: keys.issuer, stranger: keys.stranger, band2: bandKey.export() },
    [
      ...all.map(([name, draft]) => valid(name, signPolicy(keys.issuer, header, draft), says(draft), about)),
      valid(
        'the same document again',
        primary(3),
        says({ type: 'primary', gateway: 'gateway-1', term: 2 }, 'known'),
        before(primary(3)),
      ),
      valid(
        'wrapped for a device that only MACs',
        wrapped,
        {
          ...says({ type: 'primary', gateway: 'gateway-1', term: 2 }),
          signer: symmetricThumbprint(bandKey.export()).subarray(0, 8),
        },
        mac,
      ),
      invalid('a lower number than before', primary(2), 'policy/rollback', before(primary(3))),
      invalid('another document under the same number', primary(3, 9), 'policy/refused', before(primary(3))),
      invalid('by a stranger', primary(3, 2, keys.stranger), 'policy/refused', before()),
      invalid('of another site', primary(3, 2, keys.issuer, 'xiaohaiyang'), 'policy/refused', before()),
      invalid('by the root, who does not run a site', primary(3, 2, root, city), 'policy/refused', before()),
      invalid('one bit of the MAC changed', damaged(wrapped), 'policy/refused', mac),
      invalid(
        'a type that nobody defined',
        odd(encode(entries([1, 9], [2, 1], [3, now], [4, site], [5, new Map()]))),
        'policy/shape',
        before(),
      ),
      invalid('number 0', primary(0), 'policy/shape', before()),
    ],
  );
};
