/** A site whose gateway is ill-treated: keys, accounts, bands and a configuration with every door open. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addAccount,
  type Credentials,
  initSite,
  loadCredentials,
  renewServerCertificate,
} from '@timeband/gateway';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { type BandMix, BandStock, provision, WRISTBANDS } from '@timeband/simulator';
import { GATEWAY, SITE } from '../../support/centre.js';
import { freePorts } from '../../support/server.js';
import { Disk, type DiskKind } from './disk.js';

export interface CrashSiteOptions {
  readonly seed: string;
  readonly readers: number;
  /** That are held to each reader. */
  readonly bands: number;
  /** With a radio. */
  readonly radioBands: number;
  /** Where the gateway keeps its files. */
  readonly disk?: DiskKind | undefined;
  readonly diskMegabytes: number;
  /** Of the city's broker on this machine. */
  readonly uplinkPort?: number | undefined;
}

export const MIX: BandMix = { uid: 2, sun: 1, key: 1 };
/** What a press near the gateway is for, in the starter catalogue. */
const RADIO_SERVICE = 501;
/** What is left free on a disk that counts as full. */
const MIN_FREE_MB = 0.5;
const DAY = 86_400;
/** What programs that have nothing to do with events may talk about. */
export const ROOMS = 'rooms/#';
const PASSWORD = 'only for this run 7Gq';

export interface Ports {
  readonly mqtt: number;
  readonly tls: number;
  readonly webSocket: number;
  readonly monitor: number;
}

export class CrashSite {
  private constructor(
    readonly dir: string,
    readonly disk: Disk,
    readonly files: ReturnType<typeof initSite>,
    readonly ports: Ports,
    readonly options: CrashSiteOptions,
  ) {}

  static async make(options: CrashSiteOptions): Promise<CrashSite> {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-crash-'));
    mkdirSync(join(dir, 'readers'));
    const disk = Disk.make(dir, options.diskMegabytes, options.disk);
    const [mqtt = 0, tls = 0, webSocket = 0, monitor = 0] = await freePorts(4);
    const files = initSite({
      ...{ dir: disk.dir, site: SITE, gateway: GATEWAY, links: [join(dir, 'readers', '*')], mqttPort: mqtt },
      // The clock can be stepped back without being from before the site.
      now: Math.floor(Date.now() / 1_000) - 2 * DAY,
    });
    for (const name of ['display', 'console']) {
      await addAccount(files.accounts, name, 'subscriber', { password: PASSWORD });
    }
    const grants = { speaker: { publish: [ROOMS] }, hearer: { subscribe: [ROOMS] } };
    for (const [name, grant] of Object.entries(grants)) {
      await addAccount(files.accounts, name, 'subscriber', { password: PASSWORD, ...grant });
    }
    const now = Math.floor(Date.now() / 1_000);
    await renewServerCertificate(files, { site: SITE, gateway: GATEWAY, now });
    const site = new CrashSite(dir, disk, files, { mqtt, tls, webSocket, monitor }, options);
    site.configure();
    execFileSync('sync'); // what a technician brought was there long before the power goes
    return site;
  }

  get credentials(): Credentials {
    return loadCredentials(this.disk.dir, SITE, GATEWAY, Math.floor(Date.now() / 1_000));
  }

  get readerDir(): string {
    return join(this.dir, 'readers');
  }

  get radioLink(): string {
    return join(this.dir, 'radio');
  }

  get password(): string {
    return PASSWORD;
  }

  /** Whose bands are held to a reader; seeds are what `bandsim` is started with. */
  seedOf(reader: number): string {
    return `${this.options.seed}-${reader}`;
  }

  get radioSeed(): string {
    return `${this.options.seed}-radio`;
  }

  private configure(): void {
    const { readers, bands, radioBands, uplinkPort } = this.options;
    const key = readPrivateKeyPem(readFileSync(this.files.issuerKey, 'utf8'));
    const tapped = Array.from({ length: readers }, (_, reader) => ({
      stock: new BandStock({ seed: this.seedOf(reader), site: SITE, mix: MIX }),
      range: { from: 0, to: bands - 1 },
    }));
    const worn = {
      stock: new BandStock({ seed: this.radioSeed, site: SITE, mix: WRISTBANDS }),
      range: { from: 0, to: radioBands - 1 },
      hasRadio: true,
    };
    const issues = radioBands > 0 ? [...tapped, worn] : tapped;
    const known = provision(join(this.disk.dir, 'trust'), key, issues);
    const { tls, webSocket, monitor } = this.ports;
    const host = '127.0.0.1';
    const settings = {
      ...{ tagKeys: known.tagKeys, certificates: known.certificates },
      ...(known.radioBands !== undefined && {
        radio: { path: this.radioLink, bands: known.radioBands, service: RADIO_SERVICE },
      }),
      ...(uplinkPort !== undefined && { uplink: { url: `mqtt://${host}:${uplinkPort}` } }),
      monitoring: { host, port: monitor },
      storage: { minFreeMb: MIN_FREE_MB },
      receipts: { headEverySeconds: 1 },
    };
    const listeners = [
      { kind: 'tls', host, port: tls },
      { kind: 'ws', host, port: webSocket },
    ];
    appendFileSync(
      this.files.config,
      // JSON is YAML.
      Object.entries(settings)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
        .join(''),
    );
    this.addListeners(listeners);
  }

  /** Within the broker's section, which `init` has written. */
  private addListeners(listeners: readonly object[]): void {
    const text = readFileSync(this.files.config, 'utf8');
    const port = `  port: ${this.ports.mqtt}\n`;
    if (!text.includes(port)) throw new Error('init wrote no broker section as expected');
    const section = `${port}  listeners: ${JSON.stringify(listeners)}\n`;
    writeFileSync(this.files.config, text.replace(port, section));
  }
}
