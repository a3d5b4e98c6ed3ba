/**
 * Advertising data (Core, Vol 3, Part C, 11; Core Supplement, Part A): what a band's advert carries, and what strangers
 * put into theirs. Reading is total: structures that lie about their length are told apart, nothing throws.
 */
import { concat, equalBytes, fromHex } from '../bytes.js';
import { SMP_SERVICE_UUID } from './gatt-link.js';

const AD = {
  flags: 0x01,
  someServices128: 0x06,
  services128: 0x07,
  shortName: 0x08,
  name: 0x09,
  serviceData128: 0x21,
} as const;

/** What is left of a legacy advert beside flags and a 128-bit service. */
export const MAX_ADVERT_NAME_BYTES = 8;

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

/**
 * The advertising data of a band that belongs to no site yet: the SMP service, as any device has it that speaks SMP, and a
 * name of at most 8 bytes.
 */
export function serverAdvertisingData(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name).subarray(0, MAX_ADVERT_NAME_BYTES);
  return concat(
    Uint8Array.of(2, AD.flags, FLAGS, SERVICE.length + 1, AD.services128),
    SERVICE,
    ...(bytes.length === 0 ? [] : [Uint8Array.of(bytes.length + 1, AD.name), bytes]),
  );
}

/** What advertising data says of who sends it. */
export type AdvertisingData =
  | { readonly kind: 'band'; readonly sealed: Uint8Array }
  /** It offers SMP and says nothing of a site: a band from the factory, any other device with an SMP server. */
  | { readonly kind: 'server'; readonly name: string | undefined }
  /** Sound, and somebody else's. */
  | { readonly kind: 'foreign' }
  /** A structure is empty of its type, or longer than what is left. */
  | { readonly kind: 'malformed' };

/** A length of 0 ends the data early: the rest is padding and has to be zeros. */
export function readAdvertisingData(data: Uint8Array): AdvertisingData {
  let sealed: Uint8Array | undefined;
  let isServer = false;
  let name: string | undefined;
  for (let at = 0; at < data.length;) {
    const length = data[at] ?? 0;
    if (length === 0) {
      if (data.subarray(at).some((byte) => byte !== 0)) return { kind: 'malformed' };
      break;
    }
    const end = at + 1 + length;
    if (end > data.length) return { kind: 'malformed' };
    const value = data.subarray(at + 2, end);
    const type = data[at + 1];
    if (type === AD.serviceData128 && equalBytes(value.subarray(0, SERVICE.length), SERVICE))
      sealed ??= value.subarray(SERVICE.length);
    else if (type === AD.services128 || type === AD.someServices128) isServer ||= lists(value);
    else if (type === AD.name || type === AD.shortName) name ??= readName(value);
    at = end;
  }
  if (sealed !== undefined) return { kind: 'band', sealed };
  return isServer ? { kind: 'server', name } : { kind: 'foreign' };
}

function lists(services: Uint8Array): boolean {
  for (let at = 0; at + SERVICE.length <= services.length; at += SERVICE.length)
    if (equalBytes(services.subarray(at, at + SERVICE.length), SERVICE)) return true;
  return false;
}

/** A stranger's name, fit to be printed; nothing where it is none. */
function readName(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder()
    .decode(bytes)
    .replace(/[\p{C}\uFFFD]/gu, '')
    .trim();
  return text === '' ? undefined : text;
}
