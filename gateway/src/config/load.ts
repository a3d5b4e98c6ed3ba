/** Puts the settings together from where they come from, and says in plain words what is wrong with them. */
import { dirname, resolve } from 'node:path';
import { ConfigError } from './error.js';
import { contentOf, isGiven, lineOf, readConfigFile } from './file.js';
import { migrate, type Migrated } from './migrations.js';
import { describeProblems } from './problems.js';
import { configSchema, type Config } from './schema.js';
import type { PathPart } from './settings-tree.js';
import { type ConfigSources, lay, nameOf, type Origin, overlaysOf } from './sources.js';

export interface Settings {
  readonly config: Config;
  /** Where a setting was given. */
  readonly originOf: (path: readonly PathPart[]) => Origin;
  /** Variables and arguments that say something beside the file. */
  readonly beside: readonly string[];
  /** What was changed in memory because the file is of an earlier version. */
  readonly migrated: Migrated | undefined;
}

/** @throws ConfigError naming the file, the line, the setting and what it should be */
export function loadConfig(file: string, sources: ConfigSources = {}): Config {
  return readSettings(file, sources).config;
}

/** @throws ConfigError */
export function readSettings(file: string, sources: ConfigSources = {}): Settings {
  const read = readConfigFile(file);
  const migrated = migrate(read.document, file);
  const overlays = overlaysOf(sources);
  const settings = withoutNull(overlays.reduce<unknown>(lay, contentOf(read) ?? {}));
  const originOf = (path: readonly PathPart[]): Origin => {
    const last = overlays.findLast((overlay) => begins(overlay.path, path) || begins(path, overlay.path));
    if (last !== undefined) return last.origin;
    return { kind: isGiven(read, path) ? 'file' : 'default', line: lineOf(read, path) };
  };
  const parsed = configSchema.safeParse(settings);
  if (!parsed.success) {
    const problems = describeProblems(parsed.error.issues, { file, settings, originOf });
    throw new ConfigError(`these settings do not fit:\n${problems.join('\n')}`);
  }
  const config = { ...parsed.data, dataDir: resolve(dirname(file), parsed.data.dataDir) };
  return { config, originOf, migrated, beside: overlays.map(({ origin }) => nameOf(origin)) };
}

function begins(start: readonly PathPart[], path: readonly PathPart[]): boolean {
  return start.length <= path.length && start.every((part, index) => path[index] === part);
}

/** A setting without a value, such as a section whose lines are all comments, is as good as left out. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNull(inner)]])),
  );
}
