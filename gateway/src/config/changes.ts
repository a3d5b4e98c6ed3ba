/** What is different in settings that were read again: what may count at once, and what needs a restart. */
import { leavesOf } from './effective.js';
import { configSchema, type Config } from './schema.js';
import { isReloadable, type PathPart, SETTINGS } from './settings-tree.js';
import { dotted } from './sources.js';

export interface Changes {
  /** The settings that run, with what may count at once as it is now. */
  readonly config: Config;
  /** Paths of what counts from now on. */
  readonly changed: readonly string[];
  /** Paths of what counts after a restart. */
  readonly needRestart: readonly string[];
}

/** The topmost settings that count at once, with all that is in them. */
const RELOADED = SETTINGS.filter(({ path, isReloadable: may }) => {
  const above = SETTINGS.filter((one) => one.isReloadable && path.startsWith(`${one.path}.`));
  return may && above.length === 0 && !path.includes('[');
}).map(({ path }) => path.split('.'));

export function changesBetween(running: Config, next: Config): Changes {
  const different = differences(running, next);
  const merged = RELOADED.reduce<unknown>(
    (config, path) => withValue(config, path, valueAt(next, path)),
    running,
  );
  const isNow = (path: readonly PathPart[]): boolean => isReloadable(path);
  return {
    config: configSchema.parse(merged),
    changed: different.filter(isNow).map(dotted),
    needRestart: different.filter((path) => !isNow(path)).map(dotted),
  };
}

function differences(before: Config, after: Config): (readonly PathPart[])[] {
  const [old, now] = [before, after].map(
    (config) => new Map(leavesOf(config, []).map((leaf) => [dotted(leaf.path), leaf] as const)),
  );
  const all = new Map([...(old ?? []), ...(now ?? [])]);
  return [...all]
    .filter(([key]) => JSON.stringify(old?.get(key)?.value) !== JSON.stringify(now?.get(key)?.value))
    .map(([, { path }]) => path);
}

type Section = Readonly<Record<string, unknown>>;

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, part) => (inner as Section | undefined)?.[part], value);
}

function withValue(section: unknown, [part = '', ...rest]: readonly string[], value: unknown): Section {
  const before = (section ?? {}) as Section;
  return { ...before, [part]: rest.length === 0 ? value : withValue(before[part], rest, value) };
}
