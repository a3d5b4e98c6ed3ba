/** Looks at the broker's listeners and at the certificate that TLS shows. */
import { existsSync } from 'node:fs';
import { isThisMachine } from '../broker/index.js';
import { type Config, ConfigError, listenersOf, siteFiles } from '../config/index.js';
import {
  daysUntilEnd,
  namesOf,
  openCertificate,
  readTlsMaterial,
  RENEW_DAYS,
  tlsFiles,
} from '../tls/index.js';
import type { CheckLine } from './check-line.js';

/** Never throws for what it looks at: a problem is a line. `now` is Unix seconds. */
export function checkBroker(config: Pick<Config, 'dataDir' | 'broker'>, now: number): CheckLine[] {
  const lines: CheckLine[] = [];
  const listeners = listenersOf(config.broker);
  for (const { kind, host, port } of listeners) {
    if (kind === 'tls' || kind === 'wss' || host === 'localhost' || isThisMachine(host)) continue;
    const says = `${kind} on ${host}:${port} has no TLS: passwords can be read on the network`;
    lines.push({ what: 'broker', verdict: 'warning', says });
  }
  if (listeners.some(({ kind }) => kind === 'tls' || kind === 'wss'))
    lines.push(certificateLine(config, now));
  return lines;
}

function certificateLine(config: Pick<Config, 'dataDir' | 'broker'>, now: number): CheckLine {
  const what = 'TLS of the broker';
  try {
    const { own } = tlsFiles(config);
    const certificate = openCertificate(tlsFiles(config).certificate, readTlsMaterial(config).cert);
    const days = daysUntilEnd(certificate, now);
    if (days < 0)
      return { what, verdict: 'bad', says: `its certificate ended ${-days} days ago; ${remedy(own)}` };
    const renewsItself = own && existsSync(siteFiles(config.dataDir).mqttAuthorityKey);
    if (days < RENEW_DAYS && !renewsItself) {
      return { what, verdict: 'warning', says: `its certificate ends in ${days} days; ${remedy(own)}` };
    }
    const names = namesOf(certificate).join(', ');
    return { what, verdict: 'good', says: `its certificate is good for ${days} more days, for ${names}` };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { what, verdict: 'bad', says: error.message };
  }
}

function remedy(own: boolean): string {
  return own
    ? "bring the authority's key back (issuer/mqtt-ca.key) and run: timeband-gateway tls renew"
    : 'replace the files that broker.tls names';
}
