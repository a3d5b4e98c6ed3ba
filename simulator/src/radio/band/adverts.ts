/** AD structures (Core Supplement, Part A), and the advert of a band that has nothing to say. */
import { concat } from '@timeband/protocol';
import type { Address } from '../air/address.js';
import { SMP_SERVICE } from '../gatt/attributes.js';
import type { BandAdvert } from './firmware.js';

export const AD = { flags: 0x01, services128: 0x07, name: 0x09, txPower: 0x0a, serviceData16: 0x16 } as const;

/** LE general discoverable, no classic Bluetooth. */
const FLAGS = 0x06;

export function adStructure(type: number, data: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(data.length + 1, type), data);
}

/** Names the SMP service; the name is told to who asks. */
export function plainAdvert(address: Address, name: string, intervalMs: number): BandAdvert {
  return {
    address,
    data: concat(adStructure(AD.flags, Uint8Array.of(FLAGS)), adStructure(AD.services128, SMP_SERVICE)),
    scanResponse: adStructure(AD.name, new TextEncoder().encode(name).subarray(0, 29)),
    isConnectable: true,
    intervalMs,
  };
}
