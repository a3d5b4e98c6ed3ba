/** Device records: what a device says about itself (SPEC.md, Device). */
import { entries, type CborMap, type CborValue, Fields } from '../cbor/index.js';
import { bytes, oneOf, uint } from './field-types.js';

/** What happened. A number not listed here is stored all the same. */
export const DEVICE_EVENT = {
  boot: 1,
  clockStep: 2,
  logOpened: 3,
  full: 4,
  keyChanged: 5,
  battery: 6,
  tamper: 7,
  queue: 8,
  firmware: 9,
  eventsContinued: 10,
} as const;

/** What a device noticed that should not have happened to it. */
export const TAMPER = { caseOpened: 1, strapCut: 2, debugPort: 3, memory: 4 } as const;
export type Tamper = keyof typeof TAMPER;

/** A place in a gateway's event log: the epoch, the number within it, and the hash there, 32 bytes. */
export interface EventHead {
  readonly epoch: number;
  /** 0 where the epoch has no event; the hash is then its genesis. */
  readonly seq: number;
  readonly hash: Uint8Array;
}

export type DeviceStatement =
  /** The device started; `firmware` names its version. */
  | { readonly event: 'boot'; readonly firmware: string }
  /** The clock was moved by `seconds` forward (`back` false) or back. */
  | { readonly event: 'clockStep'; readonly seconds: number; readonly back: boolean }
  /** A new epoch began because records of the old one, from `lostFrom`, are gone. */
  | { readonly event: 'logOpened'; readonly lostFrom: number }
  /** The flash filled up and taps were refused from here on. */
  | { readonly event: 'full' }
  /** A new epoch began because the device has a new key. `earlier` is the old key's thumbprint, 32 bytes. */
  | { readonly event: 'keyChanged'; readonly earlier: Uint8Array }
  /** Charge left, 0 to 100 percent. */
  | { readonly event: 'battery'; readonly percent: number }
  | { readonly event: 'tamper'; readonly what: Tamper }
  /** How many records wait for an ack. */
  | { readonly event: 'queue'; readonly waiting: number }
  /** The firmware that runs from here on: SHA-256 of its image, 32 bytes. */
  | { readonly event: 'firmware'; readonly hash: Uint8Array }
  /**
   * A gateway's event log began a new epoch, since its database was restored: from which head it goes on, and the
   * newest that is known of what was published after it.
   */
  | { readonly event: 'eventsContinued'; readonly from: EventHead; readonly newest?: EventHead | undefined }
  | { readonly event: 'unknown'; readonly number: number };

export type KnownDeviceStatement = Exclude<DeviceStatement, { event: 'unknown' }>;

const hash = bytes(32);
const percent = uint(0, 100);
const tamper = oneOf(TAMPER);

/** The body of a device record: `{1: event, 2…: its details}`. @throws CborError for a value that could not be read back */
export function deviceBody(statement: KnownDeviceStatement): CborMap {
  const body = entries([1, DEVICE_EVENT[statement.event]], ...details(statement));
  readDevice(body);
  return body;
}

function details(statement: KnownDeviceStatement): readonly (readonly [number, CborValue])[] {
  switch (statement.event) {
    case 'boot':
      return [[2, statement.firmware]];
    case 'clockStep':
      return [
        [3, statement.seconds],
        [4, statement.back],
      ];
    case 'logOpened':
      return [[5, statement.lostFrom]];
    case 'full':
      return [];
    case 'keyChanged':
      return [[6, statement.earlier]];
    case 'battery':
      return [[7, statement.percent]];
    case 'tamper':
      return [[8, TAMPER[statement.what]]];
    case 'queue':
      return [[9, statement.waiting]];
    case 'firmware':
      return [[10, statement.hash]];
    case 'eventsContinued':
      return [
        ...headFields(11, statement.from),
        ...(statement.newest ? headFields(14, statement.newest) : []),
      ];
  }
}

/** In three fields from `key` on. */
function headFields(key: number, { epoch, seq, hash }: EventHead): readonly (readonly [number, CborValue])[] {
  return [
    [key, epoch],
    [key + 1, seq],
    [key + 2, hash],
  ];
}

function readHead(fields: Fields, key: number): EventHead {
  return { epoch: fields.uint(key), seq: fields.uint(key + 1), hash: hash.read(fields, key + 2) };
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
    case DEVICE_EVENT.keyChanged:
      return { event: 'keyChanged', earlier: hash.read(fields, 6) };
    case DEVICE_EVENT.battery:
      return { event: 'battery', percent: percent.read(fields, 7) };
    case DEVICE_EVENT.tamper:
      return { event: 'tamper', what: tamper.read(fields, 8) };
    case DEVICE_EVENT.queue:
      return { event: 'queue', waiting: fields.uint(9) };
    case DEVICE_EVENT.firmware:
      return { event: 'firmware', hash: hash.read(fields, 10) };
    case DEVICE_EVENT.eventsContinued:
      return {
        event: 'eventsContinued',
        from: readHead(fields, 11),
        newest: fields.has(14) ? readHead(fields, 14) : undefined,
      };
    default:
      return { event: 'unknown', number };
  }
}
