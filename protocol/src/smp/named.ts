/** Maps with names for keys, as SMP's own groups have them. */
import type { CborMap, CborValue } from '../cbor/index.js';

/** In the one order that we encode (RFC 8949 §4.2.1): by length, then by letters. What is undefined is left out. */
export function named(fields: Readonly<Record<string, CborValue | undefined>>): CborMap {
  const present = Object.entries(fields).filter(
    (field): field is [string, CborValue] => field[1] !== undefined,
  );
  return new Map(present.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));
}
