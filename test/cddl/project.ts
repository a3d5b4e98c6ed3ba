/**
 * A CBOR item as JSON, so that a JSON Schema can speak of it: byte strings with their size and, where they hold one
 * item themselves, that item; maps with their keys as text (a number as it is, text in quotes); tags with their number.
 * cbor2 decodes, and refuses what is not in the deterministic form of RFC 8949 §4.2.
 */
import { cdeDecodeOptions, decode, Tag } from 'cbor2';

export type Projection =
  | null
  | boolean
  | number
  | { readonly text: string; readonly size: number }
  | { readonly bytes: string; readonly size: number; readonly cbor?: Projection }
  | { readonly map: Readonly<Record<string, Projection>> }
  | { readonly tag: number; readonly content: Projection }
  | { readonly other: string }
  | Projection[];

const options = { ...cdeDecodeOptions, preferMap: true, ignoreGlobalTags: true };

/** Projects one item. @throws whatever cbor2 throws when the bytes are no item, or not in deterministic form */
export function project(bytes: Uint8Array): Projection {
  return projectValue(decode(bytes, options));
}

function projectValue(value: unknown): Projection {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? value : { other: 'float' };
  if (typeof value === 'string') return { text: value, size: new TextEncoder().encode(value).length };
  if (value instanceof Uint8Array) return projectBytes(value);
  if (Array.isArray(value)) return value.map(projectValue);
  if (value instanceof Map) {
    return { map: Object.fromEntries([...value].map(([key, item]) => [keyText(key), projectValue(item)])) };
  }
  if (value instanceof Tag) return { tag: Number(value.tag), content: projectValue(value.contents) };
  return { other: typeof value };
}

function projectBytes(bytes: Uint8Array): Projection {
  const outside = { bytes: Buffer.from(bytes).toString('hex'), size: bytes.length };
  try {
    return { ...outside, cbor: project(bytes) };
  } catch {
    return outside;
  }
}

/** The key of a map's entry: `7` for the number, `"rc"` with its quotes for text. */
export function keyText(key: unknown): string {
  return typeof key === 'number' ? String(key) : JSON.stringify(key);
}
