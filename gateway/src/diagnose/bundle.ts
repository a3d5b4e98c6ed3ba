/** Puts together what support needs to see what is wrong with a box, without what it must not have. */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type Config, loadConfig, siteFiles } from '../config/index.js';
import { checkSite } from '../ops/check.js';
import { askControl } from '../ops/control.js';
import type { GatewayReport } from '../ops/report.js';
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

/** A text, a log's lines (of JSON where they are meant so), or something for JSON. */
type Content =
  { readonly text: string } | { readonly lines: readonly unknown[] } | { readonly json: unknown };

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
  const read = await readAll(sourcesOf(options, config, report));
  for (const { content } of read) if (!(content instanceof Error)) redactor.learn(content);
  const parts: BundlePart[] = [];
  const files: { readonly name: string; readonly content: Buffer }[] = [];
  for (const { name, what, content } of read) {
    if (content instanceof Error) {
      parts.push({ name, what, bytes: 0, missing: redactor.text(content.message) });
      continue;
    }
    const bytes = Buffer.from(redacted(content, redactor));
    files.push({ name: `${FOLDER}/${name}`, content: bytes });
    parts.push({ name, what, bytes: bytes.length });
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
      read: async () => plain(await machine(dataDir)),
    },
    { name: 'settings.json', what: 'settings in force, without secrets', read: () => plain(config) },
    {
      name: 'check.json',
      what: 'what check finds',
      read: async () => plain(await checkSite(file, now)),
    },
    {
      name: 'status.json',
      what: 'what the gateway says: links, radio, uplink, counters',
      read: () => plain(running()),
    },
    {
      name: 'certificates.json',
      what: 'from when to when certificates are good',
      read: () => plain(certificateDates(dataDir)),
    },
    { name: 'metrics.txt', what: 'measurements', read: async () => ({ text: await metrics(config) }) },
    ...(reconcile === undefined
      ? []
      : [
          {
            name: 'records.json',
            what: 'whether all records are accounted for',
            read: async () => plain(await reconcile(config)),
          },
        ]),
    {
      name: 'log.txt',
      what: 'the newest lines of the log',
      read: async () => ({ lines: linesOf(await recentLog(config)) }),
    },
  ];
}

interface Read extends Pick<Source, 'name' | 'what'> {
  readonly content: Content | Error;
}

async function readAll(sources: readonly Source[]): Promise<readonly Read[]> {
  const all: Read[] = [];
  for (const { name, what, read } of sources) {
    try {
      all.push({ name, what, content: await read() });
    } catch (error) {
      all.push({ name, what, content: error as Error });
    }
  }
  return all;
}

function redacted(content: Content, redactor: Redactor): string {
  if ('text' in content) return redactor.text(content.text);
  if ('json' in content) return `${JSON.stringify(redactor.value(content.json), undefined, 2)}\n`;
  return content.lines
    .map((line) => (typeof line === 'string' ? redactor.text(line) : JSON.stringify(redactor.value(line))))
    .map((line) => `${line}\n`)
    .join('');
}

/** What has a form of its own for JSON, such as counters, takes it. */
function plain(value: unknown): Content {
  return { json: JSON.parse(JSON.stringify(value)) as unknown };
}

function linesOf(log: string): readonly unknown[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => {
      try {
        return line.startsWith('{') ? JSON.parse(line) : line;
      } catch {
        return line;
      }
    });
}

/** Readers stand still and belong to the centre. */
function openIds({ site, gateway }: Config, report: GatewayReport | Error): readonly string[] {
  const links = report instanceof Error ? [] : report.links;
  return [site, gateway, ...links.flatMap(({ session }) => session?.device ?? [])];
}
