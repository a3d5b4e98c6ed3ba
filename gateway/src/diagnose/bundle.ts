/** Puts together what support needs to see what is wrong with a box, without what it must not have. */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type Config, loadConfig, siteFiles } from '../config/index.js';
import { askControl, checkSite, type GatewayReport } from '../ops/index.js';
import { VERSION } from '../version.js';
import { Redactor } from './redactor.js';
import { secretWordsIn } from './secrets.js';
import { certificateDates, machine, metrics, recentLog } from './sources.js';
import { tar } from './tar.js';

export interface DiagnoseOptions {
  readonly config: string;
  /** File to write. */
  readonly out: string;
  /** Accounts for every record. Left out, the bundle does without. */
  readonly reconcile?: ((config: Config) => Promise<unknown>) | undefined;
  /** Unix seconds. */
  readonly now: number;
}

export interface BundlePart {
  readonly name: string;
  readonly what: string;
  readonly bytes: number;
  /** Why it is not there. */
  readonly missing?: string;
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly parts: readonly BundlePart[];
}

type Content = { readonly json: unknown } | { readonly text: string } | { readonly log: string };

interface Source {
  readonly name: string;
  readonly what: string;
  readonly read: () => Promise<Content> | Content;
}

const FOLDER = 'timeband-diagnose';

/** Works on a gateway that runs and on one that does not. @throws ConfigError; what the disk throws */
export async function writeBundle(options: DiagnoseOptions): Promise<Bundle> {
  const { config: file, out, now } = options;
  const config = loadConfig(file);
  const { dataDir } = config;
  const report = await askControl(siteFiles(dataDir).controlSocket).then(
    (answer) => answer as GatewayReport,
    (error: unknown) => error as Error,
  );
  const { secrets, ids } = secretWordsIn(dataDir);
  const redactor = new Redactor({ secrets, ids, open: openIds(config, report) });
  const parts: BundlePart[] = [];
  const files: { readonly name: string; readonly content: Buffer }[] = [];
  for (const { name, what, read } of sourcesOf(options, config, report)) {
    try {
      const content = Buffer.from(redacted(await read(), redactor));
      files.push({ name: `${FOLDER}/${name}`, content });
      parts.push({ name, what, bytes: content.length });
    } catch (error) {
      parts.push({ name, what, bytes: 0, missing: redactor.text((error as Error).message) });
    }
  }
  const contents = Buffer.from(`${JSON.stringify({ version: VERSION, made: now, parts }, undefined, 2)}\n`);
  const archive = gzipSync(tar([{ name: `${FOLDER}/contents.json`, content: contents }, ...files], now));
  writeFileSync(out, archive, { mode: 0o600, flag: 'wx' });
  return { file: out, bytes: archive.length, parts };
}

function sourcesOf(
  { config: file, reconcile, now }: DiagnoseOptions,
  config: Config,
  report: GatewayReport | Error,
): readonly Source[] {
  const { dataDir } = config;
  const running = (): GatewayReport => {
    if (report instanceof Error) throw new Error(`no gateway answers (${report.message})`);
    return report;
  };
  return [
    {
      name: 'machine.json',
      what: 'the box, its clock and its disk',
      read: async () => ({ json: await machine(dataDir) }),
    },
    { name: 'settings.json', what: 'settings in force, without secrets', read: () => ({ json: config }) },
    {
      name: 'check.json',
      what: 'what check finds',
      read: async () => ({ json: await checkSite(file, now) }),
    },
    {
      name: 'status.json',
      what: 'what the gateway says: links, radio, uplink, counters',
      read: () => ({ json: running() }),
    },
    {
      name: 'certificates.json',
      what: 'from when to when certificates are good',
      read: () => ({ json: certificateDates(dataDir) }),
    },
    { name: 'metrics.txt', what: 'measurements', read: async () => ({ text: await metrics(config) }) },
    ...(reconcile === undefined
      ? []
      : [
          {
            name: 'records.json',
            what: 'whether all records are accounted for',
            read: async () => ({ json: await reconcile(config) }),
          },
        ]),
    {
      name: 'log.txt',
      what: 'the newest lines of the log',
      read: async () => ({ log: await recentLog(config) }),
    },
  ];
}

function redacted(content: Content, redactor: Redactor): string {
  if ('text' in content) return redactor.text(content.text);
  if ('log' in content) return redactor.log(content.log);
  // What has a form of its own for JSON, such as counters, takes it first.
  return `${JSON.stringify(redactor.value(JSON.parse(JSON.stringify(content.json))), undefined, 2)}\n`;
}

/** Readers stand still and belong to the centre. */
function openIds({ site, gateway }: Config, report: GatewayReport | Error): readonly string[] {
  const links = report instanceof Error ? [] : report.links;
  return [site, gateway, ...links.flatMap(({ session }) => session?.device ?? [])];
}
