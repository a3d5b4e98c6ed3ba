/** Certificates, chains of them, and policy documents (SPEC.md, Certificate, Policy). */
import {
  openIssuerCertificate,
  openRootCertificate,
  readUnverifiedCertificate,
  ROLE,
  TrustStore,
  type DeviceCertificate,
  type Role,
} from '../../cwt/index.js';
import { DeviceKey } from '../../keys/index.js';
import { openPolicy, PolicyShelf, type PolicyDocument } from '../../policy/index.js';
import type { Context } from '../context.js';
import { VectorFormatError } from '../format.js';
import type { Verify } from './verify.js';

export const certificate: Verify = (bytes, context) => {
  const verified = trustOf(context).verifyDevice(bytes, {
    roles: rolesOf(context),
    site: context.text('site'),
    now: context.optionalNumber('now'),
  });
  return claimsOf(verified);
};

/** An issuer's certificate, under the roots that a person handed over. */
export const issuerCertificate: Verify = (bytes, context) =>
  claimsOf(trustOf(context).addIssuer(bytes, context.optionalNumber('now')));

/** `context.before` are documents that were taken earlier, of the same signer. */
export const policy: Verify = (bytes, context) => {
  const source = context.has('key') ? context.verificationKey('key') : trustOf(context);
  if (!(source instanceof TrustStore) && !(source instanceof DeviceKey)) {
    throw new VectorFormatError('a policy is opened with a trust store or a device key');
  }
  const demand = { site: context.text('site'), now: context.optionalNumber('now') };
  const open = (document: Uint8Array): PolicyDocument => openPolicy(document, source, demand);
  const shelf = new PolicyShelf();
  if (context.has('before')) for (const earlier of context.bytesList('before')) shelf.put(open(earlier));
  const document = open(bytes);
  const { number, issued, site, signer, content } = document;
  return { number, issued, site, signer, content, taken: shelf.put(document) };
};

/**
 * Whom the receiver believes: `context.issuers` are bare keys, `anchors` certificates that sign themselves,
 * `certified` certificates of issuers by a root among them, `policies` documents with revocations.
 */
export function trustOf(context: Context): TrustStore {
  const optional = (name: string): Uint8Array[] => (context.has(name) ? context.bytesList(name) : []);
  const store = new TrustStore([
    ...(context.has('issuers') ? context.publicKeys('issuers') : []),
    ...optional('anchors').map((bytes) =>
      readUnverifiedCertificate(bytes).role === 'root'
        ? openRootCertificate(bytes)
        : openIssuerCertificate(bytes),
    ),
  ]);
  for (const bytes of optional('certified')) store.addIssuer(bytes);
  for (const bytes of optional('policies')) {
    const { content, signer } = openPolicy(bytes, store, { site: context.text('site') });
    if (content.type === 'revocations') store.revoke(signer, content.revocations);
  }
  return store;
}

function claimsOf(verified: DeviceCertificate): unknown {
  const { issuer, subject, role, site, notBefore, expires, key, thumbprint } = verified;
  return { issuer, subject, role, site, notBefore, expires, key, thumbprint };
}

function rolesOf(context: Context): Role[] {
  return context.list('roles').map((name) => {
    const role = (Object.keys(ROLE) as Role[]).find((known) => known === name);
    if (role === undefined) throw new VectorFormatError(`no role ${JSON.stringify(name)}`);
    return role;
  });
}
