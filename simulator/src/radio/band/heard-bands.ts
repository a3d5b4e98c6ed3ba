/** The bands that a scan has heard so far (SPEC.md, Adverts). */
import { readAdvertisingData } from '@timeband/protocol';
import type { Address } from '../air/address.js';
import type { AdvertReport } from '../link-layer/scanner.js';
import type { HeardAdvert } from './firmware.js';

/** Addresses that are remembered: somebody who makes up ever new ones must not fill memory. */
export const MAX_HEARD = 64;

interface Heard {
  readonly address: Address;
  /** dBm of all its adverts together. */
  sum: number;
  count: number;
}

export class HeardBands {
  private readonly heard = new Map<string, Heard>();

  add({ address, data, isConnectable, rssi }: AdvertReport): void {
    if (!isConnectable || readAdvertisingData(data).kind !== 'band') return;
    const known = this.heard.get(address.key);
    if (known !== undefined) {
      known.sum += rssi;
      known.count++;
    } else if (this.heard.size < MAX_HEARD) this.heard.set(address.key, { address, sum: rssi, count: 1 });
  }

  get strongestFirst(): HeardAdvert[] {
    return [...this.heard.values()]
      .map(({ address, sum, count }) => ({ address, rssi: sum / count }))
      .sort((a, b) => b.rssi - a.rssi);
  }
}
