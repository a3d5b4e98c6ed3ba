/** The settings as data, read off their schema: from them come the page of settings, `init`'s comments and what errors say. */
import { z } from 'zod';
import { configSchema } from './schema.js';

/** What of JSON Schema (draft 2020-12) the settings use, and what `meta` adds to it. */
interface Node {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly reload?: boolean;
  readonly is?: string;
  readonly example?: unknown;
}

/** A part of the path to a setting: its name, or a place in a list. */
export type PathPart = string | number;

export interface Setting {
  /** As in `broker.listeners[].port`. */
  readonly path: string;
  readonly name: string;
  /** 0 at the top. */
  readonly depth: number;
  readonly description: string;
  /** What it should be, in words. */
  readonly is: string;
  readonly default: unknown;
  readonly example: unknown;
  readonly isRequired: boolean;
  /** Whether it counts when the settings are read again, without a restart. */
  readonly isReloadable: boolean;
  /** Whether other settings stand below it. */
  readonly isSection: boolean;
}

const ROOT = z.toJSONSchema(configSchema, { io: 'input', reused: 'inline' }) as Node;

/** Every setting, each section before what is in it. */
export const SETTINGS: readonly Setting[] = settingsIn([ROOT], { path: '', depth: 0, isReloadable: false });

/** Names of settings below a path, such as that of a section. */
export function namesAt(path: readonly PathPart[]): string[] {
  return [...new Set(nodesAt(path).flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** What the setting at a path should be, in words; nothing where there is no setting. */
export function wordsAt(path: readonly PathPart[]): string | undefined {
  const nodes = nodesAt(path);
  return nodes.length === 0 ? undefined : wordsFor(nodes);
}

/** Whether any text will do at a path, so that it need not be written as YAML wants text. */
export function takesText(path: readonly PathPart[]): boolean {
  return nodesAt(path).some(({ type }) => type === 'string');
}

/** Whether the setting at a path counts when the settings are read again. */
export function isReloadable(path: readonly PathPart[]): boolean {
  return path.some((_, length) => nodesAt(path.slice(0, length + 1)).some(({ reload }) => reload === true));
}

function nodesAt(path: readonly PathPart[]): Node[] {
  return path.reduce<Node[]>(
    (nodes, part) =>
      nodes.flatMap(({ properties = {}, items }) => {
        const next = typeof part === 'number' ? items : Object.hasOwn(properties, part) && properties[part];
        return next === undefined || next === false ? [] : branches(next);
      }),
    [ROOT],
  );
}

/** The ways in which a setting may be given; what is said of it as a whole is said of each. */
function branches(node: Node): Node[] {
  const { anyOf, ...said } = node;
  return anyOf === undefined ? [node] : anyOf.flatMap((one) => branches({ ...said, ...one }));
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly isReloadable: boolean;
}

function settingsIn(parents: readonly Node[], { path, depth, isReloadable: before }: Place): Setting[] {
  const names = new Set(parents.flatMap(({ properties = {} }) => Object.keys(properties)));
  return [...names].flatMap((name) => {
    const given = parents.flatMap(({ properties = {} }) => properties[name] ?? []);
    const nodes = given.flatMap(branches);
    const [first] = given;
    const place = {
      path: path === '' ? name : `${path}.${name}`,
      isReloadable: before || given.some(({ reload }) => reload === true),
    };
    const inItems = nodes.flatMap(({ items }) => (items === undefined ? [] : branches(items)));
    const inside = [
      ...settingsIn(nodes, { ...place, depth: depth + 1 }),
      ...settingsIn(inItems, { ...place, path: `${place.path}[]`, depth: depth + 1 }),
    ];
    const setting: Setting = {
      ...{ ...place, name, depth, description: first?.description ?? '', is: wordsFor(nodes) },
      ...{ default: first?.default, example: first?.example, isSection: inside.length > 0 },
      isRequired: parents.every(({ required = [] }) => required.includes(name)),
    };
    return [setting, ...inside];
  });
}

function wordsFor(nodes: readonly Node[]): string {
  return [...new Set(nodes.map(words))].join(', or ');
}

function words(node: Node): string {
  const { is, type, enum: choices, items, format } = node;
  if (is !== undefined) return is;
  if (choices !== undefined) return `one of ${choices.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return `a whole number${range(node)}`;
  if (type === 'number') return `a number${range(node)}`;
  if (format === 'uri') return 'an address such as https://console.example';
  if (type === 'array') return items === undefined ? 'a list' : `a list, each ${wordsFor(branches(items))}`;
  if (type === 'object') return `settings of its own (${Object.keys(node.properties ?? {}).join(', ')})`;
  return 'text';
}

function range({ minimum, exclusiveMinimum, maximum = Infinity }: Node): string {
  const top = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (minimum !== undefined && top !== undefined) return ` from ${minimum} to ${top}`;
  const least = exclusiveMinimum === undefined ? undefined : ` above ${exclusiveMinimum}`;
  const from = least ?? (minimum === undefined ? '' : `, ${minimum} or more`);
  return top === undefined ? from : `${from}, at most ${top}`;
}
