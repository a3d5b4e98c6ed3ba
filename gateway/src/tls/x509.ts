/**
 * Makes X.509 certificates (RFC 5280) with ECDSA over P-256. The library behind it takes 20 MB and 0.2 s to load, and a
 * gateway makes a certificate once a year: it is loaded when one is to be made.
 */
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** The library asks for metadata reflection when it is loaded, and never uses what that would say. */
function pretendReflection(): void {
  if ('getMetadata' in Reflect) return;
  const nothing = (): undefined => undefined;
  Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
}

async function loadX509() {
  pretendReflection();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** A private key (PKCS #8) and the certificate of its public half, both as PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Unix seconds. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

const dates = ({ notBefore, notAfter }: Validity) => ({
  notBefore: new Date(notBefore * 1_000),
  notAfter: new Date(notAfter * 1_000),
});

/** A certification authority of its own, which may certify ends but no other authority. */
export async function makeAuthority(name: string, validity: Validity): Promise<KeyAndCertificate> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const { KeyUsageFlags } = x509;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ keys, signingAlgorithm: ALGORITHM, ...dates(validity) },
    name: [{ CN: [name] }],
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: privatePem(keys), certificate: certificate.toString('pem') };
}

/** What a certificate is for: a server known by names or addresses, or the client of an account. */
export type Subject =
  | { readonly server: string; readonly names: readonly { type: 'dns' | 'ip'; value: string }[] }
  | { readonly client: string };

/** A new key and its certificate by an authority. */
export async function certify(
  authority: KeyAndCertificate,
  subject: Subject,
  validity: Validity,
): Promise<KeyAndCertificate> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const isServer = 'server' in subject;
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ publicKey: keys.publicKey, signingAlgorithm: ALGORITHM, ...dates(validity) },
    subject: [{ CN: [isServer ? subject.server : subject.client] }],
    issuer: issuer.subjectName,
    signingKey: await privateKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([isServer ? serverAuth : clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(isServer ? [new x509.SubjectAlternativeNameExtension([...subject.names])] : []),
    ],
  });
  return { key: privatePem(keys), certificate: certificate.toString('pem') };
}

function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function privateKey(pem: string) {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}

function privatePem({ privateKey: key }: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
