/** Adverts of bands, as they are on the air. */
import {
  advertKey,
  fromHex,
  openAdvert,
  PrivateAddressResolver,
  readAdvertisingData,
  toHex,
} from '@timeband/protocol';
import type { Finding } from './finding.js';
import { bad, good, unjudged } from './finding.js';
import { inWords, plain } from './plain.js';

/** Keys by which adverts are read, and the address that one came from, most significant byte first. */
export interface AdvertContext {
  readonly bands?: readonly { readonly device: string; readonly irk: Uint8Array }[] | undefined;
  readonly address?: Uint8Array | undefined;
}

/** Structures of advertising data (Core Supplement, Part A). */
const AD_NAMES: Readonly<Partial<Record<number, string>>> = {
  1: 'flags',
  2: 'some 16-bit services',
  3: '16-bit services',
  6: 'some 128-bit services',
  7: '128-bit services',
  8: 'short name',
  9: 'name',
  10: 'transmit power',
  22: '16-bit service data',
  33: '128-bit service data',
  255: 'manufacturer data',
};

export function decodeAdvertBytes(bytes: Uint8Array, context: AdvertContext): Finding {
  const read = readAdvertisingData(bytes);
  const base = { what: 'advert', bytes: bytes.length, lines: structures(bytes), parts: [] };
  switch (read.kind) {
    case 'malformed':
      return {
        ...base,
        says: '',
        verdicts: [
          bad({
            code: 'frame/length',
            message: 'a structure is longer than what is left, or there is more after the end',
          }),
        ],
      };
    case 'foreign':
      return { ...base, says: "somebody else's", verdicts: [good('well-formed')] };
    case 'server':
      return {
        ...base,
        says: `offers SMP${read.name === undefined ? '' : `, called ${read.name}`}: a band from the factory, or any other device`,
        verdicts: [good('well-formed')],
      };
    case 'band':
      return { ...base, ...openBand(read.sealed, context) };
  }
}

function openBand(
  sealed: Uint8Array,
  { bands = [], address }: AdvertContext,
): Pick<Finding, 'says' | 'verdicts' | 'value'> {
  const says = 'of a band of some site';
  if (bands.length === 0 || address === undefined)
    return { says, verdicts: [unjudged('encrypted: give --address and the keys of the bands (--bands)')] };
  const resolver = new PrivateAddressResolver(bands.map((band) => [band, band.irk] as const));
  for (const { device, irk } of resolver.candidates(address)) {
    const opened = openAdvert(advertKey(irk), address, sealed);
    if (opened === undefined) continue;
    const value = plain({ device, counter: opened.counter, ...opened.state });
    return {
      says: `of ${device}: ${inWords(plain({ ...opened.state, counter: opened.counter }))}`,
      verdicts: [good(`its MAC is by the key of ${device}`)],
      value,
    };
  }
  return { says, verdicts: [unjudged(`by none of the ${bands.length} bands whose keys were given`)] };
}

/** A line for each structure. */
function structures(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at] ?? 0;
    const end = length === 0 ? bytes.length : Math.min(bytes.length, at + 1 + length);
    const name = length === 0 ? 'padding' : (AD_NAMES[bytes[at + 1] ?? 0] ?? `type ${bytes[at + 1] ?? 0}`);
    lines.push(`${toHex(bytes.subarray(at, end))} # ${name}`);
    at = end;
  }
  return lines;
}

/** `c0:11:22:33:44:55`, with or without colons. */
export function parseAddress(text: string): Uint8Array | undefined {
  const hex = text.replaceAll(/[:-]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(hex) ? fromHex(hex) : undefined;
}
