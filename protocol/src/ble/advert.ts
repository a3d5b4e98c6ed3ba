/**
 * What a band says in its adverts, for its own site's gateways alone: 10 bytes of service data, encrypted and
 * authenticated (SPEC.md, Adverts). An advert is a hint on whom to connect to, never an event.
 */
import { concat } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { ccmOpen, ccmSeal, hkdfExpand, hkdfExtract } from '../crypto/index.js';
import { ADDRESS_BYTES } from './private-address.js';

/** Counter 2, state 4, MAC 4: all that fits a legacy advert beside flags and a 128-bit service UUID. */
export const ADVERT_BYTES = 10;
const COUNTER_BYTES = 2;
const MAC_BYTES = 4;
const NONCE_BYTES = 13;

const FLAG = { help: 1, pressed: 2, full: 4, clockUnset: 8 } as const;

/** A band's state in short. */
export interface AdvertState {
  /** Somebody holds the help button. */
  readonly help: boolean;
  /** The button was pressed within the last 10 s. */
  readonly pressed: boolean;
  /** The flash is full, records are refused. */
  readonly full: boolean;
  readonly clockUnset: boolean;
  /** Per cent. */
  readonly battery: number;
  /** Records that wait; 65,535 stands for as many or more. */
  readonly waiting: number;
}

/** The key of a band's adverts, 16 bytes, derived from its identity resolving key. */
export function advertKey(irk: Uint8Array): Uint8Array {
  return hkdfExpand(
    hkdfExtract(new TextEncoder().encode('timeband'), irk),
    encode(['timeband', 1, 'advert']),
    16,
  );
}

/**
 * Service data for one state under one address.
 * @param counter 0 to 65,535; grows with every change under one address, and a new address is taken before it ends
 */
export function sealAdvert(
  key: Uint8Array,
  address: Uint8Array,
  counter: number,
  state: AdvertState,
): Uint8Array {
  const head = uint16(counter);
  return concat(head, ccmSeal(key, nonceOf(address, head), new Uint8Array(), packState(state), MAC_BYTES));
}

/** What the service data says, and its counter; nothing when it is not by this key under this address. */
export function openAdvert(
  key: Uint8Array,
  address: Uint8Array,
  data: Uint8Array,
): { readonly state: AdvertState; readonly counter: number } | undefined {
  if (data.length !== ADVERT_BYTES || address.length !== ADDRESS_BYTES) return undefined;
  const head = data.subarray(0, COUNTER_BYTES);
  const plain = ccmOpen(
    key,
    nonceOf(address, head),
    new Uint8Array(),
    data.subarray(COUNTER_BYTES),
    MAC_BYTES,
  );
  return plain === undefined ? undefined : { state: unpackState(plain), counter: readUint16(head, 0) };
}

/** Address and counter never come twice together, so neither does a nonce. */
function nonceOf(address: Uint8Array, counter: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(address);
  nonce.set(counter, ADDRESS_BYTES);
  return nonce;
}

function packState(state: AdvertState): Uint8Array {
  const flags =
    (state.help ? FLAG.help : 0) |
    (state.pressed ? FLAG.pressed : 0) |
    (state.full ? FLAG.full : 0) |
    (state.clockUnset ? FLAG.clockUnset : 0);
  return concat(
    Uint8Array.of(flags, Math.max(0, Math.min(100, Math.round(state.battery)))),
    uint16(Math.min(0xffff, state.waiting)),
  );
}

function unpackState(plain: Uint8Array): AdvertState {
  const flags = plain[0] ?? 0;
  return {
    help: (flags & FLAG.help) !== 0,
    pressed: (flags & FLAG.pressed) !== 0,
    full: (flags & FLAG.full) !== 0,
    clockUnset: (flags & FLAG.clockUnset) !== 0,
    battery: plain[1] ?? 0,
    waiting: readUint16(plain, 2),
  };
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
