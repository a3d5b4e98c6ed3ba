/** Makes a new site: keys, certificates, accounts file and a commented configuration. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isId, issueCertificate, PrivateKey } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { ConfigError, siteFiles, siteFileText, writeSecret } from '../config/index.js';

export interface InitOptions {
  readonly dir: string;
  readonly site: string;
  readonly gateway: string;
  /** Globs of reader ports for the configuration. */
  readonly links: readonly string[];
  readonly mqttPort: number;
  /** Encrypts the issuer's key file. */
  readonly issuerPassphrase?: string | undefined;
  /** Unix seconds. */
  readonly now: number;
}

const DAY = 86_400;
/** Rotation is frequent so that a stolen box is soon worthless; the issuer outlives a good many of them. */
const GATEWAY_DAYS = 90;
/** Who made a site may pull the plug the next moment. */
const ON_DISK = { flush: true } as const;
const ISSUER_DAYS = 3_650;

/** @returns the files made, by what they are @throws ConfigError when there is a site already */
export function initSite(options: InitOptions): ReturnType<typeof siteFiles> {
  const { dir, site, gateway, now } = options;
  for (const [what, id] of [
    ['site', site],
    ['gateway', gateway],
  ] as const) {
    if (!isId(id))
      throw new ConfigError(`--${what} "${id}": use lower-case letters, digits and single hyphens`);
  }
  const files = siteFiles(dir);
  const { config, database, accounts, issuerKey: issuerFile, gatewayKey: gatewayFile } = files;
  for (const file of [config, database, accounts, issuerFile, gatewayFile]) {
    if (existsSync(file)) throw new ConfigError(`${file} is there already; nothing was changed`);
  }
  for (const folder of ['keys', 'trust', 'issuer'])
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });

  const issuerKey = PrivateKey.generate();
  const gatewayKey = PrivateKey.generate();
  const certify = (subject: string, role: 'issuer' | 'gateway', key: PrivateKey, days: number): Uint8Array =>
    issueCertificate(issuerKey, {
      issuer: site,
      subject,
      role,
      site,
      notBefore: now,
      expires: now + days * DAY,
      key: key.publicKey,
    });
  writeSecret(files.issuerKey, writePrivateKeyPem(issuerKey, options.issuerPassphrase));
  writeSecret(files.gatewayKey, writePrivateKeyPem(gatewayKey));
  writeFileSync(files.issuerCertificate, certify(site, 'issuer', issuerKey, ISSUER_DAYS), ON_DISK);
  writeFileSync(files.gatewayCertificate, certify(gateway, 'gateway', gatewayKey, GATEWAY_DAYS), ON_DISK);
  writeSecret(files.accounts, '[]\n');
  writeSecret(files.config, configText(options));
  return files;
}

function configText({ site, gateway, links, mqttPort }: InitOptions): string {
  const globs = links.length > 0 ? links : ['/dev/serial/by-id/*'];
  return siteFileText({
    ...{ version: 1, site, gateway, dataDir: '.' },
    links: globs.map((glob) => ({ glob })),
    broker: { host: '127.0.0.1', port: mqttPort },
    log: { level: 'info' },
  });
}
