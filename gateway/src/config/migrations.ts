/**
 * Versions of the settings' shape. A file of an earlier version is understood as it is; `run` rewrites it, comments and
 * all, and keeps the old one beside it, so that an earlier gateway can be put back.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Document } from 'yaml';
import { ConfigError } from './error.js';
import { readConfigFile } from './file.js';

/** Changes a file of version `from` into one of the next. */
export interface Migration {
  readonly from: number;
  /** What it does, for whoever finds the file changed. */
  readonly says: string;
  readonly change: (document: Document) => void;
}

/** Oldest first. A file without `version` is of version 1. */
export const MIGRATIONS: readonly Migration[] = [];

export function newestVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return migrations.length + 1;
}

export interface Migrated {
  readonly from: number;
  readonly to: number;
  /** What was done. */
  readonly says: readonly string[];
}

/** Brings a document to the newest version. @returns nothing where it is of it @throws ConfigError when it is of a later one */
export function migrate(
  document: Document,
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Migrated | undefined {
  const to = newestVersion(migrations);
  const from = document.get('version') ?? 1;
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 1) return undefined; // the schema says what it should be
  if (from > to) {
    throw new ConfigError(
      `${file} is of version ${from}, made for a later gateway; this one knows up to ${to}. Put the file back that was kept: ${file}.v${to}, or install the later gateway.`,
    );
  }
  if (from === to) return undefined;
  const due = migrations.filter((migration) => migration.from >= from);
  for (const { change } of due) change(document);
  document.set('version', to);
  return { from, to, says: due.map(({ says }) => says) };
}

/** The same in the file itself. The old one is kept. @returns nothing where there was nothing to do */
export function migrateFile(
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
): (Migrated & { readonly kept: string }) | undefined {
  const { document } = readConfigFile(file);
  const migrated = migrate(document, file, migrations);
  if (migrated === undefined) return undefined;
  const old = readFileSync(file);
  const mode = statSync(file).mode & 0o777;
  const kept = freeName(`${file}.v${migrated.from}`, old);
  if (!existsSync(kept)) writeFileSync(kept, old, { mode, flag: 'wx', flush: true });
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, document.toString({ lineWidth: 0 }), { mode, flag: 'wx', flush: true });
  renameSync(draft, file);
  return { ...migrated, kept };
}

/** One that is not taken, or holds the same already: a crash in the middle must not multiply copies. */
function freeName(wanted: string, content: Buffer): string {
  for (let n = 0; ; n++) {
    const name = n === 0 ? wanted : `${wanted}.${n}`;
    if (!existsSync(name) || readFileSync(name).equals(content)) return name;
  }
}
