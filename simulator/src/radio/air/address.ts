/** Bluetooth device addresses (Core, Vol 6, Part B, 1.3). */
import { toHex } from '@timeband/protocol';

export interface Address {
  /** Six bytes, least significant first, as on the air and over HCI. */
  readonly bytes: Uint8Array;
  readonly isRandom: boolean;
  /** The same for equal addresses of one type. */
  readonly key: string;
}

export const ADDRESS_BYTES = 6;

export function address(bytes: Uint8Array, isRandom: boolean): Address {
  if (bytes.length !== ADDRESS_BYTES) throw new RangeError('an address has six bytes');
  return { bytes, isRandom, key: `${isRandom ? 'r' : 'p'}${toHex(bytes)}` };
}

/** A static random address: the two highest bits are set, the other 46 are the caller's. */
export function staticAddress(random46: Uint8Array): Address {
  const bytes = Uint8Array.from(random46);
  bytes[5] = (bytes[5] ?? 0) | 0xc0;
  return address(bytes, true);
}

/** As people write it: most significant first, with colons. */
export function addressText({ bytes }: Address): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .reverse()
    .join(':');
}

/** An address as it stands in HCI commands: its type, then its bytes. */
export function readAddress(params: DataView, at: number): Address {
  const bytes = Uint8Array.from({ length: ADDRESS_BYTES }, (_, index) => params.getUint8(at + 1 + index));
  return address(bytes, (params.getUint8(at) & 1) === 1);
}
