/** Makes a new site: keys, certificates, accounts file and a commented configuration. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isId, issueCertificate, PrivateKey } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { ConfigError, siteFiles, writeSecret } from '../config/index.js';

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
  if (existsSync(files.config))
    throw new ConfigError(`${files.config} is there already; nothing was changed`);
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
  writeFileSync(files.issuerCertificate, certify(site, 'issuer', issuerKey, ISSUER_DAYS));
  writeFileSync(files.gatewayCertificate, certify(gateway, 'gateway', gatewayKey, GATEWAY_DAYS));
  writeSecret(files.accounts, '[]\n');
  writeFileSync(files.config, configText(options), { mode: 0o644 });
  return files;
}

function configText({ site, gateway, links, mqttPort }: InitOptions): string {
  const globs = links.length > 0 ? links : ['/dev/serial/by-id/*'];
  return `# Timeband gateway. Check it after every change: timeband-gateway check --config THIS-FILE

# The community centre and this box: they stand in every certificate and topic, so they never change.
site: ${site}
gateway: ${gateway}

# Keys, accounts and the database stand beside this file.
dataDir: .

# Where readers are plugged in. Each entry is one of
#   - path: /dev/ttyUSB0
#   - glob: /dev/serial/by-id/*
#   - usb: { vendorId: "1a86", productId: "7523", serialNumber: "…" }   # serialNumber may be left out
# with baudRate (115200 unless told otherwise).
links:
${globs.map((link) => `  - glob: ${JSON.stringify(link)}`).join('\n')}

# The MQTT broker. It listens on this machine only, until host says otherwise.
broker:
  host: 127.0.0.1
  port: ${mqttPort}
  # For displays and apps on the network, with TLS; they import trust/mqtt-ca.pem:
  # listeners:
  #   - { kind: tls, host: 0.0.0.0, port: 8883 }
  #   - { kind: wss, host: 0.0.0.0, port: 8884, allowedOrigins: ["https://console.example"] }

# trace, debug, info, warn or error
log:
  level: info
`;
}
