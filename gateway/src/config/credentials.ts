/** The gateway's own key and certificate, and the issuer it believes. */
import { existsSync } from 'node:fs';
import {
  type Certificate,
  openIssuerCertificate,
  openRootCertificate,
  type PrivateKey,
  TimebandError,
  TrustStore,
  equalBytes,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { ConfigError } from './error.js';
import { readNeeded, readSecret, siteFiles } from './files.js';

export interface Credentials {
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly trust: TrustStore;
}

/**
 * Loads and checks them. A clock before the certificate's first day counts as unset, and nothing is checked by it.
 *
 * @param now Unix seconds
 * @throws ConfigError
 */
export function loadCredentials(dataDir: string, site: string, gateway: string, now: number): Credentials {
  const files = siteFiles(dataDir);
  try {
    const key = readPrivateKeyPem(readSecret(files.gatewayKey));
    const { trust, issuer } = loadTrust(files);
    const bytes = readNeeded(files.gatewayCertificate);
    const certificate = openOwnCertificate(bytes, files.gatewayCertificate, {
      key,
      trust,
      site,
      gateway,
      now,
    });
    return { key, certificate, issuer, trust };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new ConfigError(`${dataDir}: ${error.message} (${error.code})${hint(error)}`);
  }
}

export interface OwnCertificateDemand {
  readonly key: PrivateKey;
  readonly trust: TrustStore;
  readonly site: string;
  readonly gateway: string;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Opens a certificate of this gateway: for its site, its id and its key, and not at its end.
 * @param file where it was read from
 * @throws ConfigError, CertificateError, CborError, CoseError
 */
export function openOwnCertificate(
  bytes: Uint8Array,
  file: string,
  { key, trust, site, gateway, now }: OwnCertificateDemand,
): Certificate {
  const { notBefore } = trust.verify(bytes, { roles: ['gateway'], site });
  const isUnset = now < notBefore;
  const certificate = trust.verify(bytes, { roles: ['gateway'], site, now: isUnset ? undefined : now });
  if (certificate.subject !== gateway) {
    throw new ConfigError(`${file} is for ${certificate.subject}, the configuration says ${gateway}`);
  }
  if (!equalBytes(certificate.key.x, key.publicKey.x)) {
    throw new ConfigError(`${file} is for another key than this gateway's`);
  }
  return certificate;
}

/** What a site's issuer certified is believed; itself because it was handed over, or because the city's root certified it. */
export interface SiteTrust {
  readonly trust: TrustStore;
  readonly issuer: Certificate;
}

/** @param root certificate of the city's root, where that certified the issuer @throws CertificateError, CborError, CoseError */
export function trustIn(issuer: Uint8Array, root?: Uint8Array): SiteTrust {
  if (root === undefined) {
    const certificate = openIssuerCertificate(issuer);
    return { trust: new TrustStore([certificate]), issuer: certificate };
  }
  const trust = new TrustStore([openRootCertificate(root)]);
  return { trust, issuer: trust.addIssuer(issuer) };
}

/** What a site's folder says whom to believe. @throws ConfigError, CertificateError, CborError, CoseError */
export function loadTrust({ issuerCertificate, rootCertificate }: ReturnType<typeof siteFiles>): SiteTrust {
  const root = existsSync(rootCertificate) ? readNeeded(rootCertificate) : undefined;
  return trustIn(readNeeded(issuerCertificate), root);
}

function hint(error: TimebandError): string {
  if (error.code === 'cert/expired')
    return '. Renew it: timeband-gateway certificate --help says how. The holder of the issuer key makes the new gateway certificate.';
  return '';
}
