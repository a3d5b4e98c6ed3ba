/** Which of a site's files go into a backup beside the database: what others may read as it is, secrets encrypted. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { siteFiles } from '../config/index.js';
import type { Manifest } from './manifest.js';

export interface SiteContents {
  readonly open: ReadonlyMap<string, Uint8Array>;
  /** Files that only their owner may read; the settings name such files and hold no secret themselves. */
  readonly secret: ReadonlyMap<string, Uint8Array>;
  readonly leftOut: Manifest['leftOut'];
}

/** Folders of this name in the data folder are copies that are being made, and no part of the site. */
export const DRAFT = '.copy-';
/** What a technician brings is small; what is longer is a log or a capture. */
const MOST_BYTES = 1024 * 1024;
const DEEPEST = 4;

/** @param except folders that are not looked into */
export function readSite(dataDir: string, except: readonly string[]): SiteContents {
  const { config, database, headMarker, issuerKey } = siteFiles(dataDir);
  const open = new Map<string, Uint8Array>();
  const secret = new Map<string, Uint8Array>();
  const leftOut: Manifest['leftOut'] = [];
  const look = (dir: string, depth: number): void => {
    for (const name of readdirSync(dir).sort()) {
      const file = join(dir, name);
      const path = relative(dataDir, file);
      const stat = lstatSync(file);
      if (dir === dataDir && name.startsWith(DRAFT)) continue;
      // The marker is written anew by who restores.
      if (file.startsWith(database) || file.startsWith(headMarker) || except.includes(file)) continue;
      if (stat.isDirectory() && depth < DEEPEST) look(file, depth + 1);
      else if (!stat.isFile()) continue;
      else if (file === issuerKey) leftOut.push({ path, because: 'the issuer key belongs on no box' });
      else if (stat.size > MOST_BYTES) leftOut.push({ path, because: `of ${stat.size} bytes, too long` });
      else ((stat.mode & 0o077) === 0 && file !== config ? secret : open).set(path, readFileSync(file));
    }
  };
  look(dataDir, 0);
  return { open, secret, leftOut };
}
