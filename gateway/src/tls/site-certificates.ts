/**
 * The certificates by which MQTT clients and a gateway's broker know each other over TLS: an authority of the site's own,
 * the broker's certificate by it, and those of clients. Or files that the configuration names instead.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { TlsMaterial } from '../broker/index.js';
import {
  type Config,
  ConfigError,
  readNeeded,
  readSecret,
  replaceSecret,
  siteFiles,
  writeSecret,
} from '../config/index.js';
import { certify, type KeyAndCertificate, makeAuthority, type Validity } from './x509.js';

const DAY = 86_400;
const AUTHORITY_DAYS = 3_650;
/** With the day before it 397: clients refuse a certificate that is good for more than 398 days (CA/Browser Forum, Baseline Requirements §6.3.2). */
const LEAF_DAYS = 396;

/** A certificate is good from a day ago, for clients whose clock is behind. */
const validFor = (now: number, days: number): Validity => ({
  notBefore: now - DAY,
  notAfter: now + days * DAY,
});

type SiteFiles = Pick<ReturnType<typeof siteFiles>, 'mqttServer' | 'mqttAuthority' | 'mqttAuthorityKey'>;

/** The files that {@link readTlsMaterial} reads, apart from those that need not be there. */
export function tlsFiles({ dataDir, broker }: Pick<Config, 'dataDir' | 'broker'>) {
  const own = siteFiles(dataDir);
  const { tls } = broker;
  return {
    certificate: tls === undefined ? own.mqttServer : resolve(dataDir, tls.certificate),
    key: tls === undefined ? own.mqttServer : resolve(dataDir, tls.key),
    clientAuthority:
      tls?.clientAuthority === undefined ? own.mqttAuthority : resolve(dataDir, tls.clientAuthority),
    /** Whether the gateway makes and renews the certificate itself. */
    own: tls === undefined,
  };
}

/** @throws ConfigError when a file is missing, none of what it should be, or open to others */
export function readTlsMaterial(config: Pick<Config, 'dataDir' | 'broker'>): TlsMaterial {
  const { certificate, key, clientAuthority, own } = tlsFiles(config);
  const remedy = own ? 'Make it with: timeband-gateway tls renew' : 'Bring it, or correct broker.tls.';
  const keyPem = readSecret(key, remedy);
  const cert = certificate === key ? keyPem : Buffer.from(readNeeded(certificate)).toString();
  openCertificate(certificate, cert);
  const ca = existsSync(clientAuthority) ? readFileSync(clientAuthority, 'utf8') : undefined;
  if (ca !== undefined) openCertificate(clientAuthority, ca);
  return { key: keyPem, cert, ca };
}

/** The first certificate of a file. @throws ConfigError */
export function openCertificate(file: string, pem: string | Uint8Array = readNeeded(file)): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ConfigError(`${file} holds no certificate (PEM)`);
  }
}

/** Whole days until a certificate ends; negative after that. `now` is Unix seconds. */
export function daysUntilEnd({ validTo }: Pick<X509Certificate, 'validTo'>, now: number): number {
  return Math.floor((Date.parse(validTo) / 1_000 - now) / DAY);
}

export interface ServerOptions {
  readonly site: string;
  readonly gateway: string;
  /** Host names and addresses that clients use, beside this machine's own; those of the certificate so far unless given. */
  readonly names?: readonly string[] | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Makes the broker's certificate anew, and the authority with it where there is none yet.
 *
 * @throws ConfigError when the authority's key is not here, or a name is none
 */
export async function renewServerCertificate(
  files: SiteFiles,
  { site, gateway, names, now }: ServerOptions,
): Promise<X509Certificate> {
  for (const name of names ?? []) {
    if (!isServerName(name)) throw new ConfigError(`"${name}" is neither a host name nor an IP address`);
  }
  if (!existsSync(files.mqttAuthority) && !existsSync(files.mqttAuthorityKey)) {
    const authority = await makeAuthority(`Timeband MQTT ${site}`, validFor(now, AUTHORITY_DAYS));
    writeSecret(files.mqttAuthorityKey, authority.key);
    writeFileSync(files.mqttAuthority, authority.certificate, { mode: 0o644, flag: 'wx', flush: true });
  }
  const own = ['localhost', '127.0.0.1', '::1', hostname().toLowerCase()].filter(isServerName);
  const more = names ?? (existsSync(files.mqttServer) ? namesOf(openCertificate(files.mqttServer)) : []);
  const made = await certify(
    readAuthority(files),
    {
      server: gateway,
      names: [...new Set([...own, ...more])].map((value) => ({
        type: isIP(value) > 0 ? 'ip' : 'dns',
        value,
      })),
    },
    validFor(now, LEAF_DAYS),
  );
  replaceSecret(files.mqttServer, `${made.key}${made.certificate}\n`);
  return new X509Certificate(made.certificate);
}

/** A key and certificate with which a client logs in as an account. @throws ConfigError */
export function issueClientCertificate(
  files: SiteFiles,
  account: string,
  now: number,
): Promise<KeyAndCertificate> {
  return certify(readAuthority(files), { client: account }, validFor(now, LEAF_DAYS));
}

/** The host names and addresses that a certificate is for. */
export function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name = '']) => name);
}

function readAuthority(files: SiteFiles): KeyAndCertificate {
  const remedy = 'It was moved away: bring it back for this, and take it away again.';
  const key = readSecret(files.mqttAuthorityKey, remedy);
  return { key, certificate: Buffer.from(readNeeded(files.mqttAuthority)).toString() };
}

/** Whether it is a host name (RFC 1123 §2.1, in lower case) or an IP address. */
export function isServerName(name: string): boolean {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  return isIP(name) > 0 || (name.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(name));
}
