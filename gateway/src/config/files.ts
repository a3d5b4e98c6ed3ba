/** Where a site's files stand in its folder, and how those with keys in them are read and written. */
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './error.js';

/** File names within a data folder. */
export function siteFiles(dataDir: string) {
  return {
    config: join(dataDir, 'gateway.yaml'),
    database: join(dataDir, 'gateway.db'),
    headMarker: join(dataDir, 'head'),
    gatewayKey: join(dataDir, 'keys', 'gateway.key'),
    gatewayCertificate: join(dataDir, 'keys', 'gateway.cwt'),
    /** There where a city's root certified the issuer. */
    rootCertificate: join(dataDir, 'trust', 'root.cwt'),
    issuerCertificate: join(dataDir, 'trust', 'issuer.cwt'),
    /** The technician's register as it was imported, and the revocation list in it. */
    register: join(dataDir, 'trust', 'register.txt'),
    registerPolicy: join(dataDir, 'trust', 'register-revocations.cose'),
    issuerKey: join(dataDir, 'issuer', 'issuer.key'),
    /** Key and certificate of the broker's TLS in one file, so that one replacement renews both. */
    mqttServer: join(dataDir, 'keys', 'mqtt.pem'),
    /** What MQTT clients import to know the broker by. */
    mqttAuthority: join(dataDir, 'trust', 'mqtt-ca.pem'),
    mqttAuthorityKey: join(dataDir, 'issuer', 'mqtt-ca.key'),
    accounts: join(dataDir, 'accounts.json'),
    /** There while a new version is being tried. */
    trialHold: join(dataDir, 'upgrade', 'hold'),
    controlSocket: join(dataDir, 'control.sock'),
  };
}

/** Writes a file that only its owner may read, from its first byte on. It is on disk when this returns: a power cut must not cost a key. */
export function writeSecret(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600, flag: 'wx', flush: true });
  chmodSync(file, 0o600);
}

/** Replaces such a file, or makes it: whoever reads it sees the old content or the new, never half of it. */
export function replaceSecret(file: string, content: string): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, file);
}

/** Replaces a file without a secret in the same way. */
export function replaceFile(file: string, content: Uint8Array): void {
  const draft = `${file}.new`;
  writeFileSync(draft, content, { mode: 0o644, flush: true });
  renameSync(draft, file);
}

const MAKE_A_SITE = 'Make a site with: timeband-gateway init DIR';
/** Of files that a technician brings and the configuration names. */
export const BRING_IT = 'Bring it here, or take it out of the configuration.';

/** Reads a file with a secret. @throws ConfigError when others could read it too */
export function readSecret(file: string, remedy = MAKE_A_SITE): string {
  const mode = statOf(file, remedy).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ConfigError(`${file} can be read by others (mode ${mode.toString(8)}). Run: chmod 600 ${file}`);
  }
  return readFileSync(file, 'utf8');
}

/** Reads a file that has to be there. @throws ConfigError */
export function readNeeded(file: string): Uint8Array {
  statOf(file, MAKE_A_SITE);
  return readFileSync(file);
}

function statOf(file: string, remedy: string) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new ConfigError(`${file} is missing. ${remedy}`);
  return stat;
}
