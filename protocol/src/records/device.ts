/** Device records: what a device says about itself (SPEC.md, Device). */
import { entries, type CborMap, Fields } from '../cbor/index.js';

/** What happened. A number not listed here is stored all the same. */
export const DEVICE_EVENT = { boot: 1, clockStep: 2, logOpened: 3, full: 4 } as const;

export type DeviceStatement =
  /** The device started; `firmware` names its version. */
  | { readonly event: 'boot'; readonly firmware: string }
  /** The clock was moved by `seconds` forward (`back` false) or back. */
  | { readonly event: 'clockStep'; readonly seconds: number; readonly back: boolean }
  /** A new epoch began because records of the old one, from `lostFrom`, are gone. */
  | { readonly event: 'logOpened'; readonly lostFrom: number }
  /** The flash filled up and taps were refused from here on. */
  | { readonly event: 'full' }
  | { readonly event: 'unknown'; readonly number: number };

/** The body of a device record: `{1: event, 2…: its details}`. */
export function deviceBody(statement: Exclude<DeviceStatement, { event: 'unknown' }>): CborMap {
  const event = DEVICE_EVENT[statement.event];
  switch (statement.event) {
    case 'boot':
      return entries([1, event], [2, statement.firmware]);
    case 'clockStep':
      return entries([1, event], [3, statement.seconds], [4, statement.back]);
    case 'logOpened':
      return entries([1, event], [5, statement.lostFrom]);
    case 'full':
      return entries([1, event]);
  }
}

/** Reads a device record's body. @throws CborError `cbor/shape` */
export function readDevice(body: CborMap): DeviceStatement {
  const fields = Fields.of(body, 'device');
  const number = fields.uint(1);
  switch (number) {
    case DEVICE_EVENT.boot:
      return { event: 'boot', firmware: fields.text(2) };
    case DEVICE_EVENT.clockStep:
      return { event: 'clockStep', seconds: fields.uint(3), back: fields.get(4) === true };
    case DEVICE_EVENT.logOpened:
      return { event: 'logOpened', lostFrom: fields.uint(5) };
    case DEVICE_EVENT.full:
      return { event: 'full' };
    default:
      return { event: 'unknown', number };
  }
}
