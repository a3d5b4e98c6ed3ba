/**
 * The gateway's own log, a JSON object a line: to standard error, or to numbered files that are begun anew before they grow
 * too large. What is secret is blotted out by its name, should anything ever log it.
 */
import { extname, resolve } from 'node:path';
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { type Config, ConfigError } from '../config/index.js';

export interface OwnLogger {
  readonly log: Logger;
  /** From now on, of this logger and of all that were made from it. */
  readonly setLevel: (level: Config['log']['level']) => void;
  /** Everything is written when this resolves. */
  readonly close: () => Promise<void>;
}

/** Names of settings, fields and headers under which secrets stand. */
const SECRET = [
  ...['password', 'passphrase', 'secret', 'token', 'authorization', 'cookie'],
  ...['privateKey', 'key', 'irk', 'masterKey', 'hash', 'salt', 'pem'],
];
/** As deep as anything is logged. */
const REDACT = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
/** Lines that a disk does not take are dropped beyond this many bytes. */
const MAX_UNWRITTEN = 1_000_000;

/** @throws ConfigError when the file cannot be written */
export async function openLogger({
  log: settings,
  dataDir,
}: Pick<Config, 'log' | 'dataDir'>): Promise<OwnLogger> {
  const { level, file, maxSizeMb, keep } = settings;
  const family = new Family();
  const options = {
    ...{ level, base: null, timestamp: stdTimeFunctions.isoTime, redact: REDACT },
    onChild: (child: Logger): void => {
      family.add(child);
    },
  };
  if (file === undefined) {
    const log = family.add(pino(options, destination(2)));
    return { log, setLevel: family.setLevel, close: () => Promise.resolve() };
  }
  const path = logFile(dataDir, file);
  const stream = await openRolling({ ...path, size: maxSizeMb, keep });
  let hasComplained = false;
  stream.on('error', (error: Error) => {
    // A log that cannot be written must not stop the gateway; it is said where systemd keeps it, once.
    if (!hasComplained) console.error(`cannot write the log ${path.file}: ${error.message}`);
    hasComplained = true;
  });
  return {
    log: family.add(pino(options, stream)),
    setLevel: family.setLevel,
    close: () =>
      new Promise((done) => {
        stream.once('close', done);
        stream.end();
      }),
  };
}

/** A logger and those made from it: in pino each goes by a level of its own. */
class Family {
  private members: WeakRef<Logger>[] = [];
  private sweepAt = 64;

  add(member: Logger): Logger {
    this.members.push(new WeakRef(member));
    if (this.members.length >= this.sweepAt) {
      this.members = this.members.filter((one) => one.deref() !== undefined);
      this.sweepAt = 2 * this.members.length + 64;
    }
    return member;
  }

  readonly setLevel = (level: Config['log']['level']): void => {
    for (const member of this.members) {
      const logger = member.deref();
      if (logger !== undefined) logger.level = level;
    }
  };
}

/** What the numbered files of a log are called: `name` + `.N` + `extension`. */
export function logFile(
  dataDir: string,
  file: string,
): { readonly file: string; readonly extension: string } {
  const path = resolve(dataDir, file);
  const extension = extname(path);
  return { file: extension === '' ? path : path.slice(0, -extension.length), extension: extension || '.log' };
}

async function openRolling(options: {
  readonly file: string;
  readonly extension: string;
  readonly size: number;
  readonly keep: number;
}) {
  const { keep: count, ...rest } = options;
  try {
    const { default: roll } = await import('pino-roll'); // slow to load, and most gateways keep no log in files
    return await roll({
      ...rest,
      ...{ limit: { count, removeOtherLogFiles: true }, sync: true, mode: 0o600, maxLength: MAX_UNWRITTEN },
    });
  } catch (error) {
    throw new ConfigError(`log.file: ${(error as Error).message}`);
  }
}
