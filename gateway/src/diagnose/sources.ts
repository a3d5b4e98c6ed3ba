/** Where a bundle's parts come from: the running gateway, its log, its files and the machine. */
import { execFile } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { arch, cpus, freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { promisify } from 'node:util';
import { readUnverifiedCertificate } from '@timeband/protocol';
import { type Config, siteFiles } from '../config/index.js';
import { logFile } from '../ops/logger.js';

const UNIT = 'timeband-gateway';
const LOG_BYTES = 2_000_000;
const LOG_LINES = 10_000;
const PATIENCE_MS = 10_000;

const run = promisify(execFile);

/** The newest lines of the log. @throws Error that says why there are none */
export async function recentLog({ log, dataDir }: Pick<Config, 'log' | 'dataDir'>): Promise<string> {
  if (log.file === undefined) {
    const words = ['--unit', UNIT, '--lines', String(LOG_LINES), '--output', 'cat', '--no-pager'];
    const { stdout } = await run('journalctl', words, { timeout: PATIENCE_MS, maxBuffer: 64_000_000 });
    return stdout.slice(-LOG_BYTES);
  }
  const { file, extension } = logFile(dataDir, log.file);
  const newest = readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith(extension))
    .map((name) => join(dirname(file), name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .slice(-2);
  if (newest.length === 0) throw new Error(`no log of the name ${file} yet`);
  return newest.map(tail).join('').slice(-LOG_BYTES);
}

/** The end of a file, from a line's start. */
function tail(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
    readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8');
    return size > bytes.length ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(fd);
  }
}

/** @throws Error when monitoring is off or does not answer */
export async function metrics({ monitoring }: Pick<Config, 'monitoring'>): Promise<string> {
  const { enabled, host, port } = monitoring;
  if (!enabled || port === 0) throw new Error('monitoring is off, or on a port that is not known');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const answer = await fetch(`http://${name.includes(':') ? `[${name}]` : name}:${port}/metrics`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return answer.text();
}

/** The machine, its clock and its disk. */
export async function machine(dataDir: string): Promise<object> {
  const { database } = siteFiles(dataDir);
  const { bavail, blocks, bsize, files, ffree } = statfsSync(dataDir);
  const size = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;
  return {
    system: { kernel: release(), arch: arch(), distribution: distribution(), uptime: uptime() },
    memory: { total: totalmem(), free: freemem(), load: loadavg(), processors: cpus().length },
    node: process.version,
    clock: {
      now: new Date().toISOString(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      network: await ask('timedatectl', ['show', '--property=NTP,NTPSynchronized,TimeUSec']),
    },
    disk: { bytes: blocks * bsize, free: bavail * bsize, files, freeFiles: ffree },
    sizes: { database: size(database), wal: size(`${database}-wal`) },
    service: await ask('systemctl', [
      'show',
      UNIT,
      '--property=ActiveState,SubState,NRestarts,Result,StatusText',
    ]),
    radios: existsSync('/sys/class/bluetooth') ? readdirSync('/sys/class/bluetooth') : [],
    ports: existsSync('/dev/serial/by-id') ? readdirSync('/dev/serial/by-id') : [],
  };
}

function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

async function ask(program: string, words: readonly string[]): Promise<readonly string[] | string> {
  try {
    const { stdout } = await run(program, words, { timeout: PATIENCE_MS });
    return stdout.trim().split('\n');
  } catch (error) {
    return `not known: ${(error as Error).message.split('\n')[0] ?? ''}`;
  }
}

/** Whose, and from when to when; of each certificate that stands where certificates stand. */
export function certificateDates(dataDir: string): readonly object[] {
  return ['keys', 'trust'].flatMap((folder) => {
    const dir = join(dataDir, folder);
    if (!existsSync(dir)) return [];
    return readdirSync(dir)
      .filter((name) => /\.(cwt|pem|crt)$/.test(name))
      .map((name) => ({ file: `${folder}/${name}`, ...datesOf(join(dir, name)) }));
  });
}

function datesOf(file: string): object {
  try {
    const bytes = readFileSync(file);
    if (file.endsWith('.cwt')) {
      const { role, notBefore, expires } = readUnverifiedCertificate(bytes);
      return { role, from: iso(notBefore), to: iso(expires) };
    }
    const { subject, validFrom, validTo } = new X509Certificate(bytes);
    return { of: subject, from: validFrom, to: validTo };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
