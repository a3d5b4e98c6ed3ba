/** What a site's register says, entry by entry (SPEC.md, Register). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { RegisterError } from '../errors.js';
import { isId } from '../ids.js';
import { SECRET_BYTES } from '../keys/index.js';

const HASH_BYTES = 32;
const IRK_BYTES = 16;

export const REGISTER_WHAT = {
  opened: 1,
  certified: 2,
  granted: 3,
  issued: 4,
  revoked: 5,
  wiped: 6,
} as const;
export type RegisterWhat = keyof typeof REGISTER_WHAT;

/** Which device, by which hardware and key. */
export interface RegisteredDevice {
  readonly device: string;
  /** Of the hardware. */
  readonly serial: string;
  readonly certificate: Uint8Array;
  readonly hardware: string;
  readonly firmware: string;
  /** The account that the device was enrolled for. */
  readonly account?: string | undefined;
  /** The device that this one stands in for. */
  readonly replaces?: string | undefined;
  /** The key of a device that only MACs, 32 bytes. */
  readonly deviceKey?: Uint8Array | undefined;
}

export type RegisterNote =
  /** The first: whose register it is. */
  | { readonly what: 'opened'; readonly certificate: Uint8Array }
  /** A person or a gateway got a certificate. */
  | { readonly what: 'certified'; readonly certificate: Uint8Array }
  /** A device is about to be given these; whether it took them is not known yet. */
  | ({ readonly what: 'granted' } & RegisteredDevice)
  /** It has them. `irk` is the band's identity resolving key, 16 bytes. */
  | ({ readonly what: 'issued'; readonly irk?: Uint8Array | undefined } & RegisteredDevice)
  /** A key counts no more: the whole revocation list, as a signed policy document. */
  | { readonly what: 'revoked'; readonly device: string; readonly policy: Uint8Array }
  /** A device forgot its key. */
  | {
      readonly what: 'wiped';
      readonly device: string;
      readonly serial: string;
      readonly thumbprint: Uint8Array;
      /** Records that nobody had acknowledged were given up. */
      readonly forced: boolean;
    };

/** Where an entry stands. */
export interface RegisterPlace {
  /** From 1. */
  readonly number: number;
  /** Chain hash of the entry before, 32 bytes; zeros before the first. */
  readonly previous: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
  readonly site: string;
}

export type RegisterEntry = RegisterPlace & { readonly note: RegisterNote };

export function encodeEntry({ number, previous, at, site, note }: RegisterEntry): Uint8Array {
  const place = [
    [1, number],
    [2, previous],
    [3, at],
    [4, site],
    [5, REGISTER_WHAT[note.what]],
  ] as const;
  switch (note.what) {
    case 'opened':
    case 'certified':
      return encode(entries(...place, [6, note.certificate]));
    case 'granted':
    case 'issued':
      return encode(
        entries(
          ...place,
          [6, note.certificate],
          [7, note.device],
          [8, note.serial],
          [9, note.hardware],
          [10, note.firmware],
          [11, note.account],
          [12, note.replaces],
          [13, note.deviceKey],
          [14, note.what === 'issued' ? note.irk : undefined],
        ),
      );
    case 'revoked':
      return encode(entries(...place, [7, note.device], [15, note.policy]));
    case 'wiped':
      return encode(
        entries(
          ...place,
          [7, note.device],
          [8, note.serial],
          [16, note.thumbprint],
          [17, note.forced ? true : undefined],
        ),
      );
  }
}

/** @throws CborError, RegisterError `register/shape` */
export function decodeEntry(payload: Uint8Array): RegisterEntry {
  const fields = Fields.of(decodeStrict(payload), 'register');
  return {
    number: fields.uint(1),
    previous: fields.bytes(2, HASH_BYTES),
    at: fields.uint(3),
    site: id(fields, 4),
    note: readNote(fields),
  };
}

function readNote(fields: Fields): RegisterNote {
  const number = fields.uint(5);
  const what = (Object.keys(REGISTER_WHAT) as RegisterWhat[]).find((name) => REGISTER_WHAT[name] === number);
  switch (what) {
    case undefined:
      throw new RegisterError('register/shape', `an entry of kind ${number}, which is unknown`);
    case 'opened':
    case 'certified':
      return { what, certificate: fields.bytes(6) };
    case 'granted':
      return { what, ...readDevice(fields) };
    case 'issued':
      return { what, ...readDevice(fields), irk: fields.optionalBytes(14, IRK_BYTES) };
    case 'revoked':
      return { what, device: id(fields, 7), policy: fields.bytes(15) };
    case 'wiped':
      return {
        what,
        device: id(fields, 7),
        serial: id(fields, 8),
        thumbprint: fields.bytes(16, HASH_BYTES),
        forced: fields.get(17) === true,
      };
  }
}

function readDevice(fields: Fields): RegisteredDevice {
  return {
    certificate: fields.bytes(6),
    device: id(fields, 7),
    serial: id(fields, 8),
    hardware: fields.text(9),
    firmware: fields.text(10),
    account: fields.has(11) ? id(fields, 11) : undefined,
    replaces: fields.has(12) ? id(fields, 12) : undefined,
    deviceKey: fields.optionalBytes(13, SECRET_BYTES),
  };
}

function id(fields: Fields, key: number): string {
  const text = fields.text(key);
  if (!isId(text)) throw new RegisterError('register/shape', `"${text}" is not an id`);
  return text;
}
