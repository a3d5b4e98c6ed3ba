/**
 * Advertising data (Core, Vol 3, Part C, 11; Core Supplement, Part A): what a band's advert carries, and what strangers
 * put into theirs. Reading is total: structures that lie about their length are told apart, nothing throws.
 */
import { concat, equalBytes, fromHex } from '../bytes.js';
import { SMP_SERVICE_UUID } from './gatt-link.js';

const AD = { flags: 0x01, serviceData128: 0x21 } as const;

/** LE general discoverable, no classic Bluetooth. */
const FLAGS = 0x06;

/** Least significant byte first, as in adverts. */
const SERVICE = fromHex(SMP_SERVICE_UUID).reverse();

/** The whole advertising data of a band, 31 bytes: flags, and its sealed state as service data of the SMP service. */
export function bandAdvertisingData(sealed: Uint8Array): Uint8Array {
  const serviceData = concat(SERVICE, sealed);
  return concat(
    Uint8Array.of(2, AD.flags, FLAGS),
    Uint8Array.of(serviceData.length + 1, AD.serviceData128),
    serviceData,
  );
}

/** What advertising data is to a gateway. */
export type AdvertisingData =
  | { readonly kind: 'band'; readonly sealed: Uint8Array }
  /** Sound, and somebody else's. */
  | { readonly kind: 'foreign' }
  /** A structure is empty of its type, or longer than what is left. */
  | { readonly kind: 'malformed' };

/** A length of 0 ends the data early: the rest is padding and has to be zeros. */
export function readAdvertisingData(data: Uint8Array): AdvertisingData {
  let sealed: Uint8Array | undefined;
  for (let at = 0; at < data.length;) {
    const length = data[at] ?? 0;
    if (length === 0) {
      if (data.subarray(at).some((byte) => byte !== 0)) return { kind: 'malformed' };
      break;
    }
    const end = at + 1 + length;
    if (end > data.length) return { kind: 'malformed' };
    const value = data.subarray(at + 2, end);
    if (data[at + 1] === AD.serviceData128 && equalBytes(value.subarray(0, SERVICE.length), SERVICE))
      sealed ??= value.subarray(SERVICE.length);
    at = end;
  }
  return sealed === undefined ? { kind: 'foreign' } : { kind: 'band', sealed };
}
