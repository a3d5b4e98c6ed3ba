/** Records: one thing that happened, as its device logged it (SPEC.md, Record). */
import { decodeStrict, encode, entries, type CborMap, Fields } from '../cbor/index.js';
import { readTime, timeFields, type DeviceTime } from './time.js';

export const SALT_BYTES = 8;

/** The envelope of every record. `body` is the kind's own map, kept whole even when the kind is unknown. */
export interface Record {
  readonly kind: number;
  /** From 1, never reused within a log. */
  readonly seq: number;
  /** Counts the device's starts, from 1. */
  readonly boot: number;
  /** Seconds since that start. */
  readonly uptime: number;
  readonly time: DeviceTime;
  /** Random, so that the hash of a guessable record reveals nothing. */
  readonly salt: Uint8Array;
  readonly body: CborMap;
}

/** The bytes a device logs. They are never encoded anew afterwards. */
export function encodeRecord(record: Record): Uint8Array {
  return encode(
    entries(
      [1, record.kind],
      [2, record.seq],
      [3, record.boot],
      [4, record.uptime],
      ...timeFields(5, record.time),
      [8, record.salt],
      [9, record.body],
    ),
  );
}

/** Reads a record of any kind. @throws CborError */
export function decodeRecord(bytes: Uint8Array): Record {
  const fields = Fields.of(decodeStrict(bytes), 'record');
  const body = fields.get(9);
  Fields.of(body, 'record.body');
  return {
    kind: fields.uint(1),
    seq: fields.uint(2),
    boot: fields.uint(3),
    uptime: fields.uint(4),
    time: readTime(fields, 5),
    salt: fields.bytes(8, SALT_BYTES),
    body: body as CborMap,
  };
}
