/** Backups that the gateway makes by itself: one every so many hours, verified, and only then an old one removed. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { CopyOptions } from '../store/index.js';
import { SLICE_MS } from '../audit/index.js';
import { checkBackup } from './check.js';
import { BackupError, type Manifest, readManifest } from './manifest.js';

export interface BackupScheduleOptions {
  /** Where the backups stand, each in a folder of its own. */
  readonly dir: string;
  readonly everyHours: number;
  readonly keep: number;
  /** Makes one in a folder. */
  readonly make: (dir: string, run: CopyOptions) => Promise<Manifest>;
  /** Unix seconds, while the clock may be gone by. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string, detail?: string) => void };
}

export interface BackupReport {
  /** When the newest was made, Unix seconds. */
  readonly newest: number | undefined;
  /** Why the last attempt failed. */
  readonly problem: string | undefined;
}

/** Looked at this often whether one is due. */
const LOOK_EVERY_MS = 60_000;
/** After a failure it is tried again, at the earliest after this many seconds: each attempt writes the whole database. */
const AGAIN_AFTER = 900;
/** Of its time; the rest is everybody else's. */
const WORKING_SHARE = 0.2;
const NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/;

class Closed extends Error {}

export class BackupSchedule {
  private newest: number | undefined;
  private problem: string | undefined;
  private triedAt = -Infinity;
  private working: Promise<void> | undefined;
  private isClosed = false;
  private cancel: () => void = () => undefined;

  constructor(private readonly options: BackupScheduleOptions) {}

  start(): void {
    this.newest = this.existing().at(-1)?.made;
    this.look();
  }

  report(): BackupReport {
    return { newest: this.newest, problem: this.problem };
  }

  /** Gives up what is being made. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancel();
    await this.working;
  }

  private look(): void {
    const { now, everyHours, timers } = this.options;
    const time = now();
    const every = everyHours * 3_600;
    const isDue =
      time !== undefined &&
      time - (this.newest ?? -Infinity) >= every &&
      time - this.triedAt >= Math.min(every, AGAIN_AFTER);
    if (isDue) this.working ??= this.attempt(time).finally(() => (this.working = undefined));
    this.cancel = timers.after(LOOK_EVERY_MS, () => {
      this.look();
    });
  }

  private async attempt(now: number): Promise<void> {
    const { log, counters } = this.options;
    this.triedAt = now;
    try {
      const dir = await this.make(now);
      this.newest = now;
      this.problem = undefined;
      log.info({ dir }, 'a backup was made and verified');
      this.prune();
    } catch (error) {
      if (error instanceof Closed) return;
      this.problem = (error as Error).message;
      counters.count('backup/failed');
      log.error({ err: error }, `ALARM: no backup could be made: ${this.problem}`);
    }
  }

  private async make(now: number): Promise<string> {
    const { dir: parent, make } = this.options;
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const dir = join(parent, nameAt(now));
    await make(dir, { goOn: this.goOn });
    try {
      const { report } = await checkBackup(dir, {}, { goOn: this.goOn, rest: this.rest });
      const found = Object.keys(report.counts).join(', ');
      if (report.verdict === 'bad') throw new BackupError(`the backup does not verify: ${found}`);
      return dir;
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  private readonly goOn = (): void => {
    if (this.isClosed) throw new Closed();
  };

  private readonly rest = (): Promise<void> =>
    new Promise((resolve) => {
      this.options.timers.after(SLICE_MS * (1 / WORKING_SHARE - 1), resolve);
    });

  private prune(): void {
    for (const { dir } of this.existing().slice(0, -this.options.keep)) {
      rmSync(dir, { recursive: true });
      this.options.log.info({ dir }, 'an old backup was removed');
    }
  }

  /** Whole backups, the oldest first. */
  private existing(): readonly { readonly dir: string; readonly made: number }[] {
    const { dir: parent } = this.options;
    let names: string[];
    try {
      names = readdirSync(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names
      .filter((name) => NAME.test(name))
      .sort()
      .flatMap((name) => madeAt(join(parent, name)));
  }
}

function madeAt(dir: string): readonly { readonly dir: string; readonly made: number }[] {
  try {
    return [{ dir, made: readManifest(dir).made }];
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return [];
  }
}

function nameAt(now: number): string {
  return new Date(Math.floor(now) * 1_000).toISOString().replace('.000', '').replaceAll(':', '-');
}
