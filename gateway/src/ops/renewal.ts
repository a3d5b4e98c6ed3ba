/**
 * Renewal of the gateway's own certificate, which ends after 90 days (SPEC.md, Renewal): the box asks, the holder of the
 * issuer key answers, the box takes the answer.
 */
import { readFileSync } from 'node:fs';
import {
  type Certificate,
  issueCertificate,
  openRenewalRequest,
  type PrivateKey,
  signRenewalRequest,
  TimebandError,
  TrustStore,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import {
  type Config,
  ConfigError,
  loadTrust,
  openOwnCertificate,
  readNeeded,
  readSecret,
  replaceFile,
  siteFiles,
} from '../config/index.js';

/** From so many days before its end on everything that looks at a certificate says so. */
export const RENEW_DAYS = 21;
const DAY = 86_400;
/** So that a box whose clock is a little behind takes it at once, and old and new hold together. */
const BACKDATE = 3_600;
export const MAX_DAYS = 90;

/** Who asks, under which key, and until when its certificate holds. */
export interface Renewal {
  readonly bytes: Uint8Array;
  readonly before: Certificate;
  readonly certificate: Certificate;
}

/** What a technician takes to the issuer. @param now Unix seconds @throws ConfigError */
export function requestRenewal(config: Pick<Config, 'dataDir'>, now: number): Uint8Array {
  const files = siteFiles(config.dataDir);
  return people(files.gatewayCertificate, () => {
    const { trust, issuer } = loadTrust(files);
    const key = readPrivateKeyPem(readSecret(files.gatewayKey));
    // One that has ended can still be renewed.
    const bytes = readNeeded(files.gatewayCertificate);
    return signRenewalRequest(key, trust.verify(bytes, { roles: ['gateway'], site: issuer.site }), now);
  });
}

/** Where the issuer key is. @param days at most 90 @param now Unix seconds @throws ConfigError */
export function issueRenewal(request: Uint8Array, issuer: PrivateKey, days: number, now: number): Renewal {
  return people('the request', () => {
    const { certificate: before } = openRenewalRequest(request, issuer);
    const { issuer: name, subject, role, site, key } = before;
    const notBefore = now - BACKDATE;
    const expires = notBefore + days * DAY;
    if (expires <= before.expires) {
      throw new ConfigError(
        `the certificate that ${subject} has is good until ${dateOf(before.expires)}, no shorter than this one would be`,
      );
    }
    const bytes = issueCertificate(issuer, { issuer: name, subject, role, site, key, notBefore, expires });
    const certificate = new TrustStore([issuer.publicKey]).verify(bytes, { roles: [role], site });
    return { bytes, before, certificate };
  });
}

/** On the box again: checks the certificate, and puts it in the place of the one there. @throws ConfigError */
export function installRenewal(
  { dataDir, site, gateway }: Pick<Config, 'dataDir' | 'site' | 'gateway'>,
  file: string,
  now: number,
): Renewal {
  const files = siteFiles(dataDir);
  const bytes = readFileSync(file);
  return people(file, () => {
    const { trust } = loadTrust(files);
    const key = readPrivateKeyPem(readSecret(files.gatewayKey));
    const certificate = openOwnCertificate(bytes, file, { key, trust, site, gateway, now });
    const before = trust.verify(readNeeded(files.gatewayCertificate), { roles: ['gateway'], site });
    if (now < certificate.notBefore) {
      throw new ConfigError(
        `${file} holds from ${dateOf(certificate.notBefore)} on, and the clock of this box says ${dateOf(now)}. Set the clock; nothing was changed`,
      );
    }
    if (certificate.expires < before.expires) {
      throw new ConfigError(
        `${file} ends on ${dateOf(certificate.expires)}, before the one that is there (${dateOf(before.expires)}); nothing was changed`,
      );
    }
    replaceFile(files.gatewayCertificate, bytes);
    return { bytes, before, certificate };
  });
}

export function dateOf(seconds: number): string {
  return `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What is wrong with a file, in words that name it. */
function people<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TimebandError) throw new ConfigError(`${file}: ${error.message} (${error.code})`);
    throw error;
  }
}
