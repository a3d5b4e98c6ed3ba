/** Looks at everything a gateway needs before it is started, and says of each whether it is good. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openPolicy, systemTimers, TimebandError, type TrustStore } from '@timeband/protocol';
import {
  type Config,
  ConfigError,
  type ConfigSources,
  type Credentials,
  loadCertificates,
  loadCredentials,
  readSecret,
  readSettings,
  type Settings,
  siteFiles,
  TagKeys,
} from '../config/index.js';
import { HeadMarker } from '../events/index.js';
import { findPorts } from '../link/index.js';
import { Store, StoreError } from '../store/index.js';
import { DeviceKeys, SiteRegister } from '../trust/index.js';
import type { CheckLine } from './check-line.js';
import { checkBroker } from './check-broker.js';
import { checkForward } from './check-forward.js';
import { checkRadio } from './check-radio.js';
import { checkTagReaders } from './check-tag-readers.js';
import { checkUplink } from './check-uplink.js';
import { RENEW_DAYS } from './renewal.js';
import { askControl } from './control.js';
import type { GatewayReport } from './report.js';

const DAY = 86_400;

/** Never throws for what it looks at: a problem is a line. `now` is Unix seconds. */
export async function checkSite(
  configFile: string,
  now: number,
  sources: ConfigSources = {},
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  const look = (what: string, work: () => string): void => {
    try {
      lines.push({ what, verdict: 'good', says: work() });
    } catch (error) {
      if (!isForPeople(error)) throw error;
      lines.push({ what, verdict: 'bad', says: error.message });
    }
  };
  let config: Config | undefined;
  look('configuration', () => {
    const settings = readSettings(configFile, sources);
    config = settings.config;
    return [`${config.site} / ${config.gateway}`, ...remarksOn(settings)].join('; ');
  });
  if (config === undefined) return lines;
  const { dataDir, site, gateway, links, tagReaders, radio, deviceKeys, policy, tagKeys, certificates } =
    config;
  const files = siteFiles(dataDir);

  let credentials: Credentials | undefined;
  look('keys and certificates', () => {
    credentials = loadCredentials(dataDir, site, gateway, now);
    return `the gateway's certificate is good for ${daysLeft(credentials, now)} more days`;
  });
  if (credentials !== undefined) {
    const { trust } = credentials;
    lines.push(...warningsOf(credentials, now));
    for (const file of policy) {
      look(`policy ${file}`, () => describePolicy(resolve(dataDir, file), site, trust));
    }
  }
  if (credentials !== undefined && existsSync(files.register)) {
    const { trust } = credentials;
    look('register', () => `${SiteRegister.load(files, { site, trust }).size} devices belong to the site`);
  }
  if (deviceKeys !== undefined) {
    look('device keys', () => `${DeviceKeys.read(resolve(dataDir, deviceKeys), site).size} of them`);
  }
  if (tagKeys !== undefined) {
    look('tag keys', () => `${TagKeys.load(resolve(dataDir, tagKeys)).size} of them`);
  }
  if (certificates !== undefined) {
    look('certificates of bands', () => `${loadCertificates(resolve(dataDir, certificates)).length} of them`);
  }
  look('accounts', () => {
    const accounts = JSON.parse(readSecret(files.accounts)) as unknown[];
    return `${accounts.length} of them`;
  });
  const running = await askControl(files.controlSocket).then(
    (report) => report as Pick<GatewayReport, 'radio' | 'uplink' | 'forward'>,
    () => undefined,
  );
  look('database', () => {
    if (!existsSync(files.database)) return 'none yet; it is made at the first start';
    if (running !== undefined) return 'in use by the gateway that is running';
    const store = new Store(files.database);
    try {
      const { records, events } = store.totals();
      new HeadMarker(files.headMarker, systemTimers).check(store);
      return `${records} records, ${events} events`;
    } finally {
      store.close();
    }
  });
  for (const link of links) {
    const found = await findPorts(link);
    const name =
      'path' in link
        ? link.path
        : 'glob' in link
          ? link.glob
          : `USB ${link.usb.vendorId}:${link.usb.productId}`;
    lines.push(
      found.length > 0
        ? { what: `readers at ${name}`, verdict: 'good', says: found.map(({ path }) => path).join(', ') }
        : {
            what: `readers at ${name}`,
            verdict: 'warning',
            says: 'none plugged in now; the gateway finds them when they are',
          },
    );
  }
  lines.push(...(await checkTagReaders(tagReaders)));
  if (radio !== undefined) lines.push(...(await checkRadio(radio, { dataDir, running: running?.radio })));
  if (existsSync(files.issuerKey)) {
    lines.push({
      what: 'issuer key',
      verdict: 'warning',
      says: `${files.issuerKey} is on this box: whoever takes the box can certify devices. Move it to the technician's safe place.`,
    });
  }
  lines.push(...checkBroker(config, now));
  if (config.uplink !== undefined && credentials !== undefined) {
    const { certificate } = credentials;
    lines.push(
      ...(await checkUplink(config.uplink, { dataDir, certificate, running: running?.uplink, now })),
    );
  }
  if (credentials !== undefined) lines.push(...(await checkForward(config, running?.forward)));
  return lines;
}

/** What is worth knowing of settings that are good. */
function remarksOn({ migrated, beside }: Settings): string[] {
  const upgrade =
    migrated && `the file is of version ${migrated.from}; run brings it to version ${migrated.to}`;
  return [beside.length > 0 && `set beside the file: ${beside.join(', ')}`, upgrade].filter(
    (remark) => typeof remark === 'string',
  );
}

/** What a person can put right: settings, the database, and files that this user may not read. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof StoreError ||
    (error instanceof Error && 'syscall' in error)
  );
}

function daysLeft({ certificate }: Credentials, now: number): number {
  return Math.floor((certificate.expires - now) / DAY);
}

/** What a certificate that holds is still worth a word for. */
function warningsOf(credentials: Credentials, now: number): CheckLine[] {
  const lines: CheckLine[] = [];
  const days = daysLeft(credentials, now);
  if (days < RENEW_DAYS) {
    lines.push({
      what: 'certificate',
      verdict: 'warning',
      says: `ends in ${days} days: renew it, beginning with timeband-gateway certificate request`,
    });
  }
  if (now < credentials.certificate.notBefore) {
    lines.push({
      what: 'clock',
      verdict: 'warning',
      says: 'before the certificate begins, so it is not set: nothing is sealed until it is. Look at it with "date" and at network time with "timedatectl".',
    });
  }
  return lines;
}

/** What a file with a policy document says. @throws ConfigError when it is none, or not by whom it has to be */
function describePolicy(file: string, site: string, trust: TrustStore): string {
  try {
    const { content, number } = openPolicy(readFileSync(file), trust, { site });
    return `${content.type}, number ${number}`;
  } catch (error) {
    if (error instanceof TimebandError) throw new ConfigError(`${error.message} (${error.code})`);
    throw new ConfigError((error as Error).message);
  }
}
