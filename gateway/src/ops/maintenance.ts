/** What a running gateway does with its own store, beside its work: accounts for it, copies it, backs it up, forgets old quarantine. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { GatewayClock, Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type AuditReport, reconcile, SLICE_MS } from '../audit/index.js';
import { type BackupReport, BackupSchedule, DRAFT, makeBackup } from '../backup/index.js';
import { type Config, type Credentials, readSecret, siteFiles } from '../config/index.js';
import { QuarantineKeeper, type Store } from '../store/index.js';
import type { ControlRoute } from './control.js';
import { jobRoute, type JobRun } from './jobs.js';

export interface MaintenanceOptions {
  readonly config: Config;
  /** Where that was read from; it goes into the backups. */
  readonly configFile?: string | undefined;
  readonly credentials: Credentials;
  readonly store: Store;
  readonly clock: GatewayClock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string, detail?: string) => void };
}

/** Why the gateway cannot write where it was asked to: its own view of the disk may be another. */
export interface CopyAnswer {
  readonly refused?: string;
}

/** Where the gateway is not let or does not see what its commands do: read-only for a service, or private to it. */
const NOT_FOR_US = ['EACCES', 'EPERM', 'EROFS', 'ENOENT'];

export class Maintenance {
  private schedule: BackupSchedule | undefined;
  private config: Config;
  private readonly quarantine: QuarantineKeeper;

  constructor(private readonly options: MaintenanceOptions) {
    const { config, store, clock, timers, log } = options;
    this.config = config;
    this.schedule = this.scheduled();
    const now = (): number | undefined => clock.now();
    this.quarantine = new QuarantineKeeper({
      ...{ store, days: config.storage.quarantineDays, now, timers, log },
    });
  }

  /** Makes backups as the settings say now. */
  async adopt(config: Config): Promise<void> {
    const before = JSON.stringify(this.config.storage.backup);
    this.config = config;
    if (JSON.stringify(config.storage.backup) === before) return;
    await this.schedule?.close();
    this.schedule = this.scheduled();
    this.schedule?.start();
  }

  start(): void {
    this.removeDrafts();
    this.schedule?.start();
    this.quarantine.start();
  }

  /** Of the backups that it makes by itself; nothing where it makes none. */
  report(): BackupReport | undefined {
    return this.schedule?.report();
  }

  reconcile(run: JobRun): Promise<AuditReport> {
    const { credentials, store, timers } = this.options;
    const { site, uplink, dataDir } = this.config;
    const { headMarker } = siteFiles(dataDir);
    // Half of its time is everybody else's.
    const rest = (): Promise<void> =>
      new Promise((resolve) => {
        timers.after(SLICE_MS, resolve);
      });
    return reconcile(
      {
        ...{ store, site, trust: credentials.trust },
        hasUplink: uplink !== undefined,
        markerFile: headMarker,
      },
      { ...run, rest },
    );
  }

  /** Copies the database into a new file, in a folder that is there. */
  async copy(file: string, run: JobRun): Promise<CopyAnswer> {
    try {
      if (!existsSync(dirname(file))) return { refused: 'ENOENT' };
      await this.options.store.backup(file, run);
      return {};
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (NOT_FOR_US.includes(code)) return { refused: code };
      throw error;
    }
  }

  /** Gives up what is being made. */
  async close(): Promise<void> {
    this.quarantine.close();
    await this.schedule?.close();
  }

  private scheduled(): BackupSchedule | undefined {
    const { clock, timers, log, counters } = this.options;
    const { dataDir, storage } = this.config;
    const { backup } = storage;
    return (
      backup &&
      new BackupSchedule({
        ...{ ...backup, dir: resolve(dataDir, backup.dir), timers, counters },
        now: () => clock.now(),
        log: log.child({ name: 'backup' }),
        make: (dir, run) => makeBackup(this.backupInto(dir, backup.passphraseFile), run),
      })
    );
  }

  /** Copies that a command was killed over. */
  private removeDrafts(): void {
    const { config, log } = this.options;
    for (const name of readdirSync(config.dataDir).filter((name) => name.startsWith(DRAFT))) {
      rmSync(join(config.dataDir, name), { recursive: true, force: true });
      log.info({ name }, 'a copy that was not finished was removed');
    }
  }

  private backupInto(dir: string, passphraseFile: string | undefined): Parameters<typeof makeBackup>[0] {
    const { configFile, store, clock } = this.options;
    const { site, gateway, dataDir, storage } = this.config;
    return {
      ...{ store, site, gateway, dataDir, configFile, dir, now: Math.floor(clock.now() ?? 0) },
      backups: storage.backup && resolve(dataDir, storage.backup.dir),
      passphrase: passphraseFile === undefined ? undefined : readPassphrase(resolve(dataDir, passphraseFile)),
    };
  }
}

/** The first line of a file that its owner alone may read. @throws ConfigError */
export function readPassphrase(file: string): string {
  return (
    readSecret(file, 'Make it, with a passphrase that is kept somewhere else as well.').split(/\r?\n/)[0] ??
    ''
  );
}

/** Its routes on the control socket. */
export function maintenanceRoutes(maintenance: Maintenance): Readonly<Record<string, ControlRoute>> {
  return {
    '/reconcile': jobRoute((_query, run) => maintenance.reconcile(run)),
    '/copy': jobRoute((query, run) => maintenance.copy(query.get('file') ?? '', run)),
  };
}
