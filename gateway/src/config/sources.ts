/**
 * Where settings come from: `--set` before the environment, before the file, before what holds by default.
 *
 * A variable of the environment is named `TIMEBAND_` and the path, its parts joined by two underscores, capitals begun by
 * one: `broker.maxConnections` is `TIMEBAND_BROKER__MAX_CONNECTIONS`. Values are YAML; text needs no quotes.
 */
import { parse, YAMLError } from 'yaml';
import { ConfigError } from './error.js';
import { type PathPart, takesText } from './settings-tree.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is set beside the file. */
export interface ConfigSources {
  /** That of this process unless given. */
  readonly env?: Environment | undefined;
  /** Each `path=value`, later ones before earlier ones. */
  readonly set?: readonly string[] | undefined;
}

export type Origin =
  /** With the line of the file that it stands on, or else of the section that it would stand in. */
  | { readonly kind: 'file' | 'default'; readonly line: number | undefined }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'set'; readonly argument: string };

export interface Overlay {
  readonly path: readonly PathPart[];
  readonly value: unknown;
  readonly origin: Extract<Origin, { kind: 'environment' | 'set' }>;
}

const PREFIX = 'TIMEBAND_';
/** Names the file itself. */
export const CONFIG_VARIABLE = 'TIMEBAND_CONFIG';
const NAME = /^[a-z][A-Za-z0-9]*$/;
const MAX_INDEX = 1_000;

/** In the order in which they count, the last one most. @throws ConfigError */
export function overlaysOf({ env = process.env, set = [] }: ConfigSources): Overlay[] {
  const fromEnvironment = Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX) && variable !== CONFIG_VARIABLE)
    .sort()
    .flatMap((variable): Overlay[] => {
      const text = env[variable] ?? '';
      if (text === '') return []; // container managers pass on what is not set as empty
      const parts = variable.slice(PREFIX.length).split('__').map(fromVariable);
      const origin = { kind: 'environment', variable } as const;
      const path = parts.map((part) => partOf(part, variable));
      return [{ path, origin, value: valueOf(path, text, variable) }];
    });
  const fromArguments = set.map((argument): Overlay => {
    const equals = argument.indexOf('=');
    const what = `--set ${equals < 0 ? argument : argument.slice(0, equals)}`;
    if (equals < 1) throw new ConfigError(`${what}: give a setting and its value, as in broker.port=1884`);
    const path = argument
      .slice(0, equals)
      .split('.')
      .map((part) => partOf(part, what));
    return {
      ...{ path, value: valueOf(path, argument.slice(equals + 1), what) },
      origin: { kind: 'set', argument: what },
    };
  });
  return [...fromEnvironment, ...fromArguments];
}

/** Puts a value into settings that are not checked yet. @throws ConfigError where something else is in its way */
export function lay(settings: unknown, { path, value, origin }: Overlay): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const inner = (old: unknown): unknown => lay(old, { path: rest, value, origin });
  if (typeof part === 'number') {
    const list: readonly unknown[] =
      settings === undefined || settings === null ? [] : asList(settings, origin);
    if (part > list.length) throw new ConfigError(`${nameOf(origin)}: the list has ${list.length} entries`);
    return [...list.slice(0, part), inner(list[part]), ...list.slice(part + 1)];
  }
  const before = settings === undefined || settings === null ? {} : asSection(settings, origin);
  return { ...before, [part]: inner(Object.hasOwn(before, part) ? before[part] : undefined) };
}

export function nameOf(origin: Overlay['origin']): string {
  return origin.kind === 'environment' ? origin.variable : origin.argument;
}

/** As in `broker.listeners.0.port`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

export function variableFor(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    String(part)
      .replace(/[A-Z]/g, (capital) => `_${capital}`)
      .toUpperCase(),
  );
  return PREFIX + parts.join('__');
}

function fromVariable(part: string): string {
  return part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function partOf(part: string, what: string): PathPart {
  if (/^\d{1,4}$/.test(part) && Number(part) < MAX_INDEX) return Number(part);
  if (NAME.test(part)) return part;
  throw new ConfigError(`${what}: "${part}" is no name of a setting`);
}

function valueOf(path: readonly PathPart[], text: string, what: string): unknown {
  if (takesText(path) && !/^\s*[[{]/.test(text)) return text === 'null' ? null : text;
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error;
    throw new ConfigError(`${what}: the value is not YAML: ${error.message.split('\n', 1)[0] ?? ''}`);
  }
}

function asList(settings: unknown, origin: Overlay['origin']): readonly unknown[] {
  if (Array.isArray(settings)) return settings;
  throw new ConfigError(`${nameOf(origin)}: there is no list there`);
}

function asSection(settings: unknown, origin: Overlay['origin']): Readonly<Record<string, unknown>> {
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings))
    return settings as Readonly<Record<string, unknown>>;
  throw new ConfigError(
    `${nameOf(origin)}: there is ${Array.isArray(settings) ? 'a list' : 'a value'} there`,
  );
}
