/** The values that fields of record bodies take (SPEC.md, Record). Each reads itself from a map, totally. */
import type { CborMap, CborValue } from '../cbor/index.js';
import { CborError } from '../errors.js';
import { proofMap, readProof, type Proof } from '../evidence/proof.js';
import { isId } from '../ids.js';
import type { BodyCodec, FieldType } from './layout.js';

const INT32 = { least: -0x8000_0000, most: 0x7fff_ffff } as const;

function wrong(key: number, wanted: string): CborError {
  return new CborError('cbor/shape', `field ${key} is not ${wanted}`, { field: key });
}

const asItIs = <T extends CborValue>(value: T): T => value;

/** An unsigned integer between two bounds, by default of 32 bits. */
export function uint(least = 0, most = 0xffff_ffff): FieldType<number> {
  return {
    read: (fields, key) => {
      const value = fields.uint(key);
      if (value < least || value > most) throw wrong(key, `between ${least} and ${most}`);
      return value;
    },
    write: asItIs,
  };
}

/** A signed integer of 32 bits. */
export const int: FieldType<number> = {
  read: (fields, key) => {
    const value = fields.int(key);
    if (value < INT32.least || value > INT32.most) throw wrong(key, 'a signed integer of 32 bits');
    return value;
  },
  write: asItIs,
};

/** Seconds since 1970 in UTC. */
export const unixSeconds = uint();

/** Days since 1970-01-01 in the site's time zone (RFC 8943 §1.1, without its tag). */
export const days = uint();

/** Number in the site's catalogue. */
export const service = uint();

/** An opaque id of [a-z0-9-], at most 40 characters. */
export const id: FieldType<string> = {
  read: (fields, key) => {
    const value = fields.text(key);
    if (!isId(value)) throw wrong(key, 'an id of [a-z0-9-]');
    return value;
  },
  write: asItIs,
};

/** One to `most` different ids. */
export function ids(most: number): FieldType<readonly string[]> {
  return {
    read: (fields, key) => {
      const values = fields.array(key).filter((value) => typeof value === 'string' && isId(value));
      const different = new Set(values);
      if (different.size !== fields.array(key).length || different.size < 1 || different.size > most) {
        throw wrong(key, `1 to ${most} different ids`);
      }
      return values as readonly string[];
    },
    write: asItIs,
  };
}

/** Bytes of exactly `length`, or of any where none is given. */
export function bytes(length?: number): FieldType<Uint8Array> {
  return { read: (fields, key) => fields.bytes(key, length), write: asItIs };
}

/** Names one meal, redemption or matter through all its records: 16 random bytes. */
export const reference = bytes(16);

/** One of a closed list of names, a number on the wire. A number that nobody listed is refused. */
export function oneOf<Name extends string>(numbers: Readonly<Record<Name, number>>): FieldType<Name> {
  const names = Object.keys(numbers) as Name[];
  return {
    read: (fields, key) => {
      const number = fields.uint(key);
      const name = names.find((candidate) => numbers[candidate] === number);
      if (name === undefined) throw wrong(key, `a known choice: ${number}`);
      return name;
    },
    write: (name) => numbers[name],
  };
}

/** What shows who stood there. A proof of a later version can be read and kept, not written. */
export const proof: FieldType<Proof> = {
  read: (fields, key) => readProof(fields.fields(key)),
  write: (value) => {
    if (value.kind === 'unknown') throw new CborError('cbor/shape', 'a proof of an unknown kind');
    return proofMap(value);
  },
};

/** A map with a table of its own. */
export function nested<T>(codec: BodyCodec<T>): FieldType<T> {
  return {
    read: (fields, key) => {
      const value = fields.get(key);
      if (!(value instanceof Map)) throw wrong(key, 'a map');
      return codec.read(value as CborMap);
    },
    write: codec.write,
  };
}
