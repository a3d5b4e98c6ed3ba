/**
 * The body of a record as a table: for each field its key on the wire and the values it takes. Reading and
 * writing walk the same table, so they cannot drift apart (SPEC.md, Record).
 */
import { type CborMap, type CborValue, entries, Fields } from '../cbor/index.js';
import { RecordError } from '../errors.js';

/** A type of values, wherever they stand. */
export interface FieldType<T> {
  /** @throws CborError `cbor/shape` */
  readonly read: (fields: Fields, key: number) => T;
  readonly write: (value: T) => CborValue;
}

/** One field: where it stands, and what stands there. */
interface Field<T> {
  readonly key: number;
  readonly read: (fields: Fields) => T;
  readonly write: (value: T) => CborValue | undefined;
}

/** The table of a body: its fields by the names of `T`, in ascending order of their keys. */
type Layout<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

/** A field that is always there. */
export function required<T>(key: number, type: FieldType<T>): Field<T> {
  return { key, read: (fields) => type.read(fields, key), write: type.write };
}

/** A field that is left out where there is nothing to say. */
export function optional<T>(key: number, type: FieldType<T>): Field<T | undefined> {
  return {
    key,
    read: (fields) => (fields.has(key) ? type.read(fields, key) : undefined),
    write: (value) => (value === undefined ? undefined : type.write(value)),
  };
}

/** Writes and reads the bodies of one kind. */
export interface BodyCodec<T> {
  /** @throws CborError, RecordError for a value that could not be read back */
  readonly write: (value: T) => CborMap;
  /** Total: fields that the table does not name are left alone. @throws CborError `cbor/shape`, RecordError `record/kind` */
  readonly read: (body: CborMap) => T;
}

/** `check` looks for contradictions between fields that are each well-formed. */
export function bodyCodec<T extends object>(
  what: string,
  layout: Layout<T>,
  check: (value: T) => void = () => undefined,
): BodyCodec<T> {
  const names = Object.keys(layout) as (keyof T)[];

  const read = (body: CborMap): T => {
    const fields = Fields.of(body, what);
    const value: Partial<T> = {};
    for (const name of names) value[name] = layout[name].read(fields);
    check(value as T);
    return value as T;
  };

  const write = (value: T): CborMap => {
    const body = entries(
      ...names.map((name) => [layout[name].key, layout[name].write(value[name])] as const),
    );
    read(body);
    return body;
  };

  return { read, write };
}

/** Refuses a body in which a field that its phase or its sort cannot do without is missing. */
export function demand<T extends object>(
  what: string,
  value: T,
  needed: readonly (keyof T & string)[],
): void {
  for (const name of needed) {
    if (value[name] === undefined) throw contradiction(`${what}: ${name} is missing`);
  }
}

/** A body whose fields are sound one by one and not together. */
export function contradiction(message: string): RecordError {
  return new RecordError('record/kind', message);
}
