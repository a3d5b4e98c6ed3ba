/** LE Advertising Reports (Core, Vol 4, Part E, 7.7.65.2), read without noble, which keeps every address for ever. */
import { toHex } from '@timeband/protocol';

/** A device's address. */
export interface PeerAddress {
  /** Six bytes, most significant first. */
  readonly bytes: Uint8Array;
  readonly isRandom: boolean;
  /** The same for equal addresses of one type. */
  readonly key: string;
}

export interface AdvertReport {
  readonly address: PeerAddress;
  readonly isConnectable: boolean;
  /** 0 to 31 bytes of advertising data. */
  readonly data: Uint8Array;
  /** dBm. */
  readonly rssi: number;
}

const CONNECTABLE = 0x00;
const SCAN_RESPONSE = 0x04;
const MAX_DATA_BYTES = 31;
/** Kind, address type and address, and length of the data. */
const HEAD_BYTES = 9;
const ADDRESS_BYTES = 6;

export function peerAddress(bytes: Uint8Array, isRandom: boolean): PeerAddress {
  return { bytes, isRandom, key: `${isRandom ? 'r' : 'p'}${toHex(bytes)}` };
}

/**
 * Reports of one event, scan responses left out.
 * @param parameters of the LE meta event, from its subevent code on
 * @returns undefined when the event contradicts itself
 */
export function readAdverts(parameters: Uint8Array): AdvertReport[] | undefined {
  const count = parameters[1] ?? 0;
  const reports: AdvertReport[] = [];
  let at = 2;
  for (let i = 0; i < count; i++) {
    const length = parameters[at + HEAD_BYTES - 1];
    if (length === undefined || length > MAX_DATA_BYTES) return undefined;
    const end = at + HEAD_BYTES + length;
    const rssi = parameters[end];
    if (rssi === undefined) return undefined;
    const kind = parameters[at] ?? 0;
    if (kind !== SCAN_RESPONSE) {
      const address = parameters.slice(at + 2, at + 2 + ADDRESS_BYTES).reverse();
      reports.push({
        address: peerAddress(address, ((parameters[at + 1] ?? 0) & 1) === 1),
        isConnectable: kind === CONNECTABLE,
        data: parameters.slice(at + HEAD_BYTES, end),
        rssi: (rssi << 24) >> 24,
      });
    }
    at = end + 1;
  }
  return at === parameters.length ? reports : undefined;
}
