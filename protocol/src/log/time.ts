/** Wall time as a device knows it: never without saying how good it is. */
import type { CborValue, Fields } from '../cbor/index.js';
import { CborError } from '../errors.js';

/** `wall` is Unix seconds; `age` is seconds since the clock was last set by a gateway. */
export type DeviceTime =
  | { readonly quality: 'unset' }
  | { readonly quality: 'free-running'; readonly wall: number }
  | { readonly quality: 'set'; readonly wall: number; readonly age: number };

const QUALITY = { unset: 0, 'free-running': 1, set: 2 } as const;

/** The three fields quality, wall, age, at consecutive keys from `first`. */
export function timeFields(first: number, time: DeviceTime): (readonly [number, CborValue | undefined])[] {
  return [
    [first, QUALITY[time.quality]],
    [first + 1, time.quality === 'unset' ? undefined : time.wall],
    [first + 2, time.quality === 'set' ? time.age : undefined],
  ];
}

/** Reads what {@link timeFields} wrote. @throws CborError */
export function readTime(fields: Fields, first: number): DeviceTime {
  const quality = fields.uint(first);
  if (quality === QUALITY.unset) return { quality: 'unset' };
  const wall = fields.uint(first + 1);
  if (quality === QUALITY['free-running']) return { quality: 'free-running', wall };
  if (quality === QUALITY.set) return { quality: 'set', wall, age: fields.uint(first + 2) };
  throw new CborError('cbor/shape', `time quality ${quality} is unknown`, { field: first });
}
