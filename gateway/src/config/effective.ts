/** The settings as they count, one by one, and where each came from. */
import type { Settings } from './load.js';
import { type PathPart, SETTINGS } from './settings-tree.js';
import { dotted, type Origin } from './sources.js';

export interface EffectiveSetting {
  readonly path: string;
  /** Nothing where it is not set and has no default. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** In the order of the schema. Secrets stand in files of their own, so only the names of those are here. */
export function effectiveSettings({ config, originOf }: Settings): EffectiveSetting[] {
  const given = leavesOf(config, []).map(({ path, value }) => ({
    ...{ path: dotted(path), value, origin: originOf(path) },
  }));
  const known = new Set(given.map(({ path }) => path));
  const missing = SETTINGS.filter(
    ({ path, isSection }) => !isSection && !path.includes('[') && !known.has(path),
  ).map(({ path }) => ({ path, value: undefined, origin: { kind: 'default', line: undefined } as const }));
  const order = new Map(SETTINGS.map(({ path }, index) => [path, index]));
  const placeOf = ({ path }: EffectiveSetting): number =>
    order.get(path.replaceAll(/\.\d+/g, '[]').replace(/\[\]$/, '')) ?? Infinity;
  return [...given, ...missing].sort((a, b) => placeOf(a) - placeOf(b));
}

interface Leaf {
  readonly path: readonly PathPart[];
  readonly value: unknown;
}

/** Lists of plain values are one setting; lists of sections are as many as there are sections. */
export function leavesOf(value: unknown, path: readonly PathPart[]): Leaf[] {
  if (Array.isArray(value)) {
    const isPlain = value.every((item) => typeof item !== 'object');
    return isPlain ? [{ path, value }] : value.flatMap((item, index) => leavesOf(item, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

/** In words for people. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return origin.line === undefined ? 'file' : `file, line ${origin.line}`;
    case 'environment':
      return `environment ${origin.variable}`;
    case 'set':
      return origin.argument;
  }
}
