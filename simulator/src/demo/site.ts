/** The demo's site: made by the gateway's own commands, and set up as a technician would. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, PrivateKey, toBase64 } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { type JsonObject, runJson } from '../programs/child.js';
import { type BandMix, type BandRange, BandStock, WRISTBANDS } from '../taps/bands.js';
import { certify } from '../certify.js';
import { enrol } from '../taps/enrol.js';
import { type Issue, provision } from '../taps/provision.js';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';
/** Two tags that show their UID, one that also shows a MAC, one band with a key, and so on. */
export const MIX: BandMix = { uid: 2, sun: 1, key: 1 };
export const RADIO_SEED = 'radio';
/** What a press near the gateway is for, in the starter catalogue. */
const RADIO_SERVICE = 501;

export interface SiteOptions {
  /** The gateway's program. */
  readonly gateway: string;
  /** Where everything goes. */
  readonly dir: string;
  readonly readers: number;
  /** That are held to readers. */
  readonly bands: number;
  /** On the radio; none for a gateway without one. */
  readonly radioBands: number;
}

export interface Site {
  readonly dir: string;
  readonly config: string;
  readonly issuerKey: string;
  readonly issuerCertificate: string;
  /** Of the account that the display has. */
  readonly user: string;
  readonly password: string;
  /** Where readers are looked for. */
  readonly readerDir: string;
  /** The terminal of the radio's controller. */
  readonly radioLink: string;
  /** What each reader logs first: whose the bands are. */
  readonly enrolments: readonly string[];
}

/** Makes keys, certificates, an account and a configuration. Rejects with what a command of the gateway said. */
export async function makeSite(options: SiteOptions): Promise<Site> {
  const { gateway, dir } = options;
  const readerDir = join(dir, 'readers');
  const files = await runJson([
    gateway,
    ...['init', join(dir, 'site'), '--json', '--site', SITE, '--gateway', GATEWAY],
    ...['--link', `${readerDir}/*`, '--mqtt-port', '0'],
  ]);
  const config = text(files, 'config');
  const account = await runJson([
    gateway,
    ...['user', 'add', 'display', '--role', 'subscriber', '--config', config, '--json'],
  ]);
  const site: Omit<Site, 'enrolments'> = {
    ...{ dir: join(dir, 'site'), config, readerDir, radioLink: join(dir, 'radio') },
    issuerKey: text(files, 'issuerKey'),
    issuerCertificate: text(files, 'issuerCertificate'),
    user: text(account, 'user'),
    password: text(account, 'password'),
  };
  return { ...site, enrolments: introduceBands(options, site) };
}

/** The account of who has a band that is held to readers. */
export function residentOf(band: number): string {
  return `resident-${band + 1}`;
}

/** The bands that tap at a reader, of a seed of its own. */
export function bandsAt(
  reader: number,
  { bands, readers }: Pick<SiteOptions, 'bands' | 'readers'>,
): BandRange & { readonly seed: string } {
  const share = Math.ceil(bands / readers);
  return {
    seed: String(reader + 1),
    from: reader * share,
    to: Math.min((reader + 1) * share, bands) - 1,
  };
}

/**
 * Brings the tags' keys, the bands' certificates and the keys of those on the radio to the gateway, and has an operator
 * enrol them all. @returns files with the enrolments, one for each reader
 */
function introduceBands(options: SiteOptions, site: Omit<Site, 'enrolments'>): string[] {
  const key = readPrivateKeyPem(readFileSync(site.issuerKey, 'utf8'));
  const tapped = Array.from({ length: options.readers }, (_, i): Issue => {
    const { seed, ...range } = bandsAt(i, options);
    return { stock: new BandStock({ seed, site: SITE, mix: MIX }), range };
  });
  const worn: Issue = {
    stock: new BandStock({ seed: RADIO_SEED, site: SITE, mix: WRISTBANDS }),
    range: { from: 0, to: options.radioBands - 1 },
    hasRadio: true,
  };
  const { tagKeys, certificates, radioBands } = provision(join(site.dir, 'trust'), key, [...tapped, worn]);
  const radio = radioBands && { path: site.radioLink, bands: radioBands, service: RADIO_SERVICE };
  // JSON is YAML.
  const settings = Object.entries({ tagKeys, certificates, ...(radio && { radio }) });
  appendFileSync(
    site.config,
    settings.map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join(''),
  );
  const operator = PrivateKey.generate();
  writeFileSync(
    join(certificates, 'operator-1.cwt'),
    certify(key, SITE, 'operator-1', operator.publicKey, 'operator'),
  );
  return tapped.map((issue, i) => {
    const file = join(site.dir, 'trust', `enrolments-${i + 1}.txt`);
    // Where the wristbands of the radio were handed out does not matter.
    const enrolled = [
      ...enrol(issue, operator, 1),
      ...(i === 0 ? enrol(worn, operator, options.bands + 1) : []),
    ];
    writeFileSync(file, enrolled.map((body) => `${toBase64(encode(body))}\n`).join(''));
    return file;
  });
}

function text(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== 'string') throw new Error(`${key} is missing in what the gateway printed`);
  return value;
}
