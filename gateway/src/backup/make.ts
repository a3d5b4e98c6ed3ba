/** Makes a backup: a folder with the database as it is at the end, what stands beside it, and a manifest. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toHex } from '@timeband/protocol';
import { newestEvent } from '../events/index.js';
import { type CopyOptions, openSnapshot, type Store } from '../store/index.js';
import { VERSION } from '../version.js';
import { readSite } from './contents.js';
import {
  BackupError,
  CONFIG,
  DATABASE,
  describeFile,
  type Manifest,
  SECRETS,
  writeManifest,
} from './manifest.js';
import { sealSecrets } from './secrets.js';

export interface BackupOptions {
  readonly store: Pick<Store, 'backup'>;
  readonly site: string;
  readonly gateway: string;
  readonly dataDir: string;
  /** Where the configuration stands, if not in the data folder. */
  readonly configFile?: string | undefined;
  /** Folder to make. */
  readonly dir: string;
  /** Folder of the gateway's own backups, which do not go into another. */
  readonly backups?: string | undefined;
  /** With it the keys and passwords are in the backup, encrypted. */
  readonly passphrase?: string | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** @throws BackupError; what the disk throws. What was begun is removed then. */
export async function makeBackup(options: BackupOptions, run: CopyOptions = {}): Promise<Manifest> {
  const { dir } = options;
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new BackupError(`${dir} is there already and not empty: a backup overwrites nothing`);
  }
  const isNew = mkdirSync(dir, { recursive: true, mode: 0o700 }) !== undefined;
  try {
    return await fill(options, run);
  } catch (error) {
    for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
    if (isNew) rmSync(dir, { recursive: true });
    throw error;
  }
}

async function fill(options: BackupOptions, run: CopyOptions): Promise<Manifest> {
  const { store, dir, dataDir, configFile, backups, site, gateway, now, passphrase } = options;
  const contents = readSite(dataDir, [dir, ...(backups === undefined ? [] : [backups])]);
  const open = new Map(contents.open);
  if (configFile !== undefined) open.set(CONFIG, readFileSync(configFile));
  const leftOut = [...contents.leftOut];
  for (const [path, bytes] of open) write(dir, path, bytes);
  const paths = [DATABASE, ...open.keys()];
  if (passphrase === undefined) {
    const because = 'only its owner may read it, and the backup was made without keys';
    leftOut.push(...Array.from(contents.secret.keys(), (path) => ({ path, because })));
  } else {
    write(dir, SECRETS, Buffer.from(await sealSecrets(contents.secret, passphrase)));
    paths.push(SECRETS);
  }
  await store.backup(join(dir, DATABASE), run);
  const files = [];
  for (const path of paths) files.push(await describeFile(dir, path));
  const head = headOf(join(dir, DATABASE));
  const manifest: Manifest = {
    ...{ format: 'timeband-backup-1', version: VERSION, site, gateway, made: now, head, files, leftOut },
  };
  writeManifest(dir, manifest);
  return manifest;
}

function write(dir: string, path: string, bytes: Uint8Array): void {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, bytes, { mode: 0o600, flag: 'wx', flush: true });
}

/** Of the copy: more was committed while it was made. */
function headOf(file: string): Manifest['head'] {
  const snapshot = openSnapshot(file);
  try {
    const head = newestEvent(snapshot.store);
    return head && { ...head, hash: toHex(head.hash) };
  } finally {
    snapshot.close();
  }
}
