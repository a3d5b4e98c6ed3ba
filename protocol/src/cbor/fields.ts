/** Total, typed access to a decoded map: every wrong shape is a CborError that names the field. */
import { CborError } from '../errors.js';
import type { CborMap, CborValue } from './value.js';

/** Reads the fields of one map. Keys it is not asked for are left alone: unknown fields are no error. */
export class Fields {
  private constructor(
    private readonly map: CborMap,
    private readonly what: string,
  ) {}

  /** @throws CborError `cbor/shape` when `value` is no map. */
  static of(value: CborValue | undefined, what: string): Fields {
    if (!(value instanceof Map)) throw new CborError('cbor/shape', `${what}: not a map`);
    return new Fields(value, what);
  }

  has(key: number): boolean {
    return this.map.has(key);
  }

  get(key: number): CborValue | undefined {
    return this.map.get(key);
  }

  /** At most 32 bits, so that what was read can be written again. */
  uint(key: number): number {
    const value = this.map.get(key);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
      throw this.wrong(key, 'an unsigned integer of 32 bits');
    return value;
  }

  optionalUint(key: number): number | undefined {
    return this.map.has(key) ? this.uint(key) : undefined;
  }

  int(key: number): number {
    const value = this.map.get(key);
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.wrong(key, 'an integer');
    return value;
  }

  /** Bytes, of exactly `length` where one is given. */
  bytes(key: number, length?: number): Uint8Array {
    const value = this.map.get(key);
    if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length)) {
      throw this.wrong(key, length === undefined ? 'bytes' : `${length} bytes`);
    }
    return value;
  }

  optionalBytes(key: number, length?: number): Uint8Array | undefined {
    return this.map.has(key) ? this.bytes(key, length) : undefined;
  }

  text(key: number): string {
    const value = this.map.get(key);
    if (typeof value !== 'string') throw this.wrong(key, 'text');
    return value;
  }

  optionalText(key: number): string | undefined {
    return this.map.has(key) ? this.text(key) : undefined;
  }

  array(key: number): readonly CborValue[] {
    const value = this.map.get(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'an array');
    return value as readonly CborValue[];
  }

  fields(key: number): Fields {
    return Fields.of(this.map.get(key), `${this.what}.${key}`);
  }

  private wrong(key: number, wanted: string): CborError {
    return new CborError('cbor/shape', `${this.what}: field ${key} is not ${wanted}`, { field: key });
  }
}
