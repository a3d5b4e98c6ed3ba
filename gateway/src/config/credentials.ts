/** The gateway's own key and certificate, and the issuer it believes. */
import type {
  PrivateKey} from '@timeband/protocol';
import {
  type Certificate,
  openIssuerCertificate,
  TimebandError,
  TrustStore,
  equalBytes,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { ConfigError } from './load.js';
import { readNeeded, readSecret, siteFiles } from './files.js';

export interface Credentials {
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly trust: TrustStore;
}

/**
 * Loads and checks them. A clock before the certificate's first day counts as unset, and nothing is done by it.
 *
 * @param now Unix seconds
 * @throws ConfigError
 */
export function loadCredentials(dataDir: string, site: string, gateway: string, now: number): Credentials {
  const files = siteFiles(dataDir);
  try {
    const key = readPrivateKeyPem(readSecret(files.gatewayKey));
    const issuer = openIssuerCertificate(readNeeded(files.issuerCertificate));
    const trust = new TrustStore([issuer.key]);
    const certificate = trust.verify(readNeeded(files.gatewayCertificate), { roles: ['gateway'], site, now });
    if (certificate.subject !== gateway) {
      throw new ConfigError(
        `${files.gatewayCertificate} is for ${certificate.subject}, the configuration says ${gateway}`,
      );
    }
    if (!equalBytes(certificate.key.x, key.publicKey.x)) {
      throw new ConfigError(`${files.gatewayCertificate} is for another key than ${files.gatewayKey}`);
    }
    return { key, certificate, issuer, trust };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new ConfigError(`${dataDir}: ${error.message} (${error.code})${hint(error)}`);
  }
}

function hint(error: TimebandError): string {
  if (error.code === 'cert/not-yet-valid')
    return '. The clock of this machine is probably wrong: look at it with "date".';
  if (error.code === 'cert/expired')
    return '. Ask the holder of the issuer key for a new gateway certificate.';
  return '';
}
