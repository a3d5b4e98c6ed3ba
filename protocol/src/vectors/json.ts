/** Values of the protocol as the vectors' JSON shows them: bytes as `h'…'`, maps as objects, nothing for what is absent. */
import { fromHex, toHex } from '../bytes.js';
import { PublicKey } from '../crypto/index.js';
import type { Json } from './format.js';

/** Anything that a decoder returned. Functions are left out: they are no part of a value. */
export function toJson(value: unknown): Json {
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'string'
  ) {
    return value;
  }
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (value instanceof PublicKey) return toJson({ algorithm: value.algorithm, x: value.x, y: value.y });
  if (value instanceof Map) return objectJson([...value].map(([key, item]) => [String(key), item]));
  if (isIterable(value)) return [...value].map(toJson);
  if (typeof value === 'object') return objectJson(Object.entries(value));
  return `a ${typeof value}`;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function objectJson(pairs: readonly (readonly [string, unknown])[]): Json {
  return Object.fromEntries(
    pairs
      .filter(([, item]) => item !== undefined && typeof item !== 'function')
      .map(([name, item]) => [name, toJson(item)]),
  );
}

const BYTES = /^h'((?:[0-9a-f]{2})*)'$/;

/** The bytes that `h'…'` stands for, or nothing. */
export function bytesFromJson(json: Json | undefined): Uint8Array | undefined {
  const hex = typeof json === 'string' ? BYTES.exec(json)?.[1] : undefined;
  return hex === undefined ? undefined : fromHex(hex);
}

/** Whether two say the same, whatever the order of their names. */
export function equalJson(a: Json, b: Json): boolean {
  return canonical(a) === canonical(b);
}

function canonical(json: Json): string {
  return JSON.stringify(json, (_, value: Json) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

function isObject(json: Json): json is Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
