/**
 * Puts a backup into a new folder, so that the box which starts on it tells no second story: it goes on where the
 * backup ends only if nothing was published since, and otherwise in a new epoch (SPEC.md, Event).
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Certificate, equalBytes, type EventHead, TimebandError } from '@timeband/protocol';
import type { VerifyReport } from '../audit/index.js';
import type { ProgressOptions } from '../audit/index.js';
import { siteFiles, type SiteTrust } from '../config/index.js';
import { nameOf, newestEvent, readMarker, writeMarker } from '../events/index.js';
import { Store } from '../store/index.js';
import { checkBackup } from './check.js';
import { type CityEvents, isAfter, readCityEvents } from './city-events.js';
import { BackupError, DATABASE, type Manifest, SECRETS } from './manifest.js';
import { openSecrets } from './secrets.js';

export interface RestoreOptions {
  readonly backup: string;
  /** Folder to make; nothing is in it yet. */
  readonly to: string;
  readonly newEpoch: boolean;
  /** File `head` of the box that the backup is of. */
  readonly headFile?: string | undefined;
  /** Event messages of this gateway, as the city has them. */
  readonly cityEvents?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Whom to believe; the backup's own issuer unless given. */
  readonly trust?: SiteTrust | undefined;
  /** Unix seconds. */
  readonly now: number;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly report: VerifyReport;
  /** The epoch that the box goes on in. */
  readonly epoch: number;
  /** The newest event in the backup. */
  readonly head: EventHead | undefined;
  /** The newest event that is known to have been published. */
  readonly newest: EventHead | undefined;
  readonly cityEvents: CityEvents | undefined;
  /** Whether keys and passwords were in the backup and could be opened. */
  readonly hasKeys: boolean;
}

/** @throws BackupError, StoreError; nothing is left in the folder then */
export async function restoreBackup(options: RestoreOptions, run: ProgressOptions = {}): Promise<Restored> {
  const { backup, to, trust } = options;
  if (existsSync(to) && readdirSync(to).length > 0) {
    throw new BackupError(`${to} is not empty: a restore overwrites nothing`);
  }
  const checked = await checkBackup(backup, { trust, integrity: true }, run);
  const { report, manifest } = checked;
  if (report.verdict === 'bad') {
    throw new BackupError(
      `the database in the backup does not verify (${Object.keys(report.counts).join(', ')}): look at timeband-gateway verify ${backup}, and take another backup`,
    );
  }
  mkdirSync(to, { recursive: true, mode: 0o700 });
  try {
    const hasKeys = await copyFiles(options, manifest);
    const store = new Store(siteFiles(to).database);
    try {
      const opened = await open(store, options, checked);
      return { manifest, report, hasKeys, ...opened };
    } finally {
      store.close();
    }
  } catch (error) {
    for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true });
    throw error;
  }
}

/** @returns whether the secrets came along */
async function copyFiles({ backup, to, passphrase }: RestoreOptions, { files }: Manifest): Promise<boolean> {
  const database = siteFiles(to).database;
  for (const { path } of files) {
    if (path === SECRETS) continue;
    const target = path === DATABASE ? database : join(to, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    copyFileSync(join(backup, path), target);
  }
  if (passphrase === undefined) return false;
  if (!files.some(({ path }) => path === SECRETS)) {
    throw new BackupError('a passphrase was given, and there are no keys in the backup');
  }
  for (const [path, bytes] of await openSecrets(readFileSync(join(backup, SECRETS), 'utf8'), passphrase)) {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, bytes, { mode: 0o600, flag: 'wx' });
  }
  return true;
}

async function open(
  store: Store,
  options: RestoreOptions,
  { manifest, trust }: { readonly manifest: Manifest; readonly trust: SiteTrust },
): Promise<Pick<Restored, 'epoch' | 'head' | 'newest' | 'cityEvents'>> {
  const { headFile, cityEvents: file, newEpoch, to } = options;
  const head = newestEvent(store);
  const marked = headFile === undefined ? undefined : markerOf(headFile);
  const cityEvents =
    file === undefined ? undefined : await readCityEvents(file, head, signersOf(store, trust));
  const newest = [marked, cityEvents?.newest]
    .filter((known) => known !== undefined)
    .reduce<EventHead | undefined>((a, b) => (a === undefined || isAfter(b, a) ? b : a), head);
  if (newEpoch) openEpoch(store, newest, options, manifest);
  else refuseSecondStory({ head, marked, newest });
  if (file !== undefined) {
    const evidence = join(to, 'evidence');
    mkdirSync(evidence, { mode: 0o700 });
    copyFileSync(file, join(evidence, 'city-events.hex'));
  }
  if (head !== undefined) writeMarker(siteFiles(to).headMarker, head);
  return { epoch: store.epochs.current.epoch, head, newest, cityEvents };
}

function markerOf(file: string): EventHead {
  const marked = readMarker(file);
  if (marked === undefined) throw new BackupError(`${file} is not there`);
  return marked;
}

/** The same epoch may only go on when it is certain that it ends where the backup does. */
function refuseSecondStory({
  head,
  marked,
  newest,
}: Pick<Restored, 'head' | 'newest'> & { marked?: EventHead | undefined }): void {
  const advice =
    'Restore with --new-epoch: the box then goes on in an epoch of its own, and reads the readers again.';
  if (newest !== undefined && (head === undefined || isAfter(newest, head))) {
    throw new BackupError(
      `${nameOf(newest)} was published, and the backup ${head === undefined ? 'has none' : `ends at ${nameOf(head)}`}. ${advice}`,
    );
  }
  const isEqual = head !== undefined && marked !== undefined && equalBytes(marked.hash, head.hash);
  if (isEqual) return;
  throw new BackupError(
    `nobody can tell whether something was published after the backup: give the file head of the old box with --head. Where there is none: ${advice}`,
  );
}

function openEpoch(
  store: Store,
  newest: EventHead | undefined,
  { now }: RestoreOptions,
  { made }: Manifest,
): void {
  if (now < made) {
    throw new BackupError(
      'the clock of this machine is before the backup was made: set it. The number of the new epoch is the time.',
    );
  }
  const epoch = Math.max(Math.floor(now), (newest?.epoch ?? 0) + 1, store.epochs.current.epoch + 1);
  const last = store.lastCommit();
  const isKnown = newest !== undefined && last !== undefined && equalBytes(newest.hash, last.head);
  store.epochs.open({ epoch, base: last?.last ?? 0, newest: isKnown ? undefined : newest });
}

function signersOf(store: Store, { trust, issuer }: SiteTrust): Certificate[] {
  return store.epochs.signers().flatMap((bytes) => {
    try {
      return trust.verify(bytes, { roles: ['gateway'], site: issuer.site, revoked: 'accept' });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return [];
    }
  });
}
