/** Adverts whose AD structures lie about themselves. */
import type { BandFault } from '../band/behaviour.js';
import { AD, adStructure } from '../band/adverts.js';

function advertising(what: string, ...data: readonly number[]): BandFault {
  return {
    description: `hostile: adverts with ${what}`,
    create: () => ({
      onAdvert: (advert) => ({ ...advert, data: Uint8Array.from(data), scanResponse: Uint8Array.from(data) }),
    }),
  };
}

const FULL = 31;

export const HOSTILE_ADVERTS = {
  'advert-empty': advertising('no data'),
  'advert-power-missing': advertising('a power level of no bytes', 1, AD.txPower),
  'advert-length-0': advertising('a structure of length 0 before others', 0, 2, AD.flags, 6),
  'advert-length-beyond': advertising('a structure longer than the advert', FULL, AD.name, 0x41),
  'advert-length-alone': advertising('a length and nothing after it', 2, AD.flags, 6, 5),
  'advert-all-ff': advertising('255 in every byte', ...new Uint8Array(FULL).fill(0xff)),
  'advert-all-types': advertising(
    'empty structures of many types',
    ...Array.from({ length: FULL - 1 }, (_, index) => (index % 2 === 0 ? 1 : (index * 7) & 0xff)),
  ),
  'advert-service-data-short': advertising('service data of half a UUID', 2, AD.serviceData16, 0xaa),
  'advert-services-short': advertising('half the UUID of a service', 9, AD.services128, ...new Uint8Array(8)),
  'advert-name-not-text': advertising(
    'a name that is no UTF-8',
    ...adStructure(AD.name, Uint8Array.of(0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80)),
  ),
} as const satisfies Record<string, BandFault>;
