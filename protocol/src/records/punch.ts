/** Punch: a check-in or check-out at a site for a service, with the proof itself (SPEC.md, Punch). */
import { entries, type CborMap, Fields } from '../cbor/index.js';
import { toHex } from '../bytes.js';
import { CborError } from '../errors.js';

const DIRECTION = { in: 1, out: 2 } as const;
export type Direction = keyof typeof DIRECTION;

/** Shortest and longest UID of a tag: 4-byte MIFARE to 10-byte ISO 14443-3. */
const UID_BYTES = { least: 4, most: 10 } as const;

export interface Punch {
  readonly direction: Direction;
  /** Number in the catalogue. */
  readonly service: number;
  /** UID of the tag that was held to the reader. By itself it is evidence of tier 0. */
  readonly uid: Uint8Array;
}

/** The body of a punch record: `{1: direction, 2: service, 3: {1: uid}}`. */
export function punchBody(punch: Punch): CborMap {
  return entries([1, DIRECTION[punch.direction]], [2, punch.service], [3, entries([1, punch.uid])]);
}

/** Reads a punch's body. @throws CborError `cbor/shape` */
export function readPunch(body: CborMap): Punch {
  const fields = Fields.of(body, 'punch');
  const direction = fields.uint(1);
  if (direction !== DIRECTION.in && direction !== DIRECTION.out) {
    throw new CborError('cbor/shape', `punch: direction ${direction} is unknown`, { field: 1 });
  }
  const uid = fields.fields(3).bytes(1);
  if (uid.length < UID_BYTES.least || uid.length > UID_BYTES.most) {
    throw new CborError('cbor/shape', 'punch: a UID is 4 to 10 bytes', { field: 3 });
  }
  return { direction: direction === DIRECTION.in ? 'in' : 'out', service: fields.uint(2), uid };
}

/** The opaque id under which a tag's UID appears in events. */
export function tagId(uid: Uint8Array): string {
  return `tag-${toHex(uid)}`;
}
