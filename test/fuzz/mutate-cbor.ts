/**
 * Changes to CBOR as CBOR (RFC 8949): items replaced, moved, doubled, left out, tagged, or written in another form,
 * also inside byte strings, where COSE nests it. All else around them stays well-formed.
 */
import { concat, encode, fromHex } from '@timeband/protocol';
import { readItems, type Item } from '@timeband/protocol/vectors';
import type { Random } from '@timeband/simulator';
import { MAJOR, writeArgument } from './heads.js';

/** Items that decoders have stumbled over. */
const ODD = [
  ...[
    '00',
    '17',
    '1818',
    '18ff',
    '190100',
    '1a00010000',
    '1affffffff',
    '1b0000000100000000',
    '1bffffffffffffffff',
  ],
  ...[
    '20',
    '37',
    '3affffffff',
    '3bffffffffffffffff',
    '40',
    '4100',
    '60',
    '6100',
    '61ff',
    '63efbbbf',
    '63eda080',
  ],
  ...[
    '80',
    'a0',
    'a10000',
    '9fff',
    'bfff',
    '5f4100ff',
    '7f6161ff',
    'f4',
    'f5',
    'f6',
    'f7',
    'f8ff',
    'ff',
    '1c',
  ],
  ...[
    'f90000',
    'f97e00',
    'f97c00',
    'fb7ff0000000000000',
    'c100',
    'c24101',
    'd8184100',
    'd9dfff8100',
    'd83d00',
  ],
  ...['9affffffff', 'baffffffff', '5affffffff', '81'.repeat(13) + '00', '99100100' + '00'.repeat(64)],
].map(fromHex);

/** The bytes with one change at a random item, or the same bytes when they hold no item. */
export function mutateCbor(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const items = flat(readItems(bytes).items);
  const item = items[random.below(items.length)];
  if (item === undefined) return bytes;
  const replacement = changed(bytes, item, random, other);
  return concat(bytes.subarray(0, item.start), replacement, bytes.subarray(item.end));
}

function changed(bytes: Uint8Array, item: Item, random: Random, other: Uint8Array): Uint8Array {
  const whole = bytes.subarray(item.start, item.end);
  const content = bytes.subarray(item.content, item.end);
  if (item.major === MAJOR.bytes && content.length > 1 && random.below(2) === 0) {
    return encode(mutateCbor(content, random, other)); // nested, with a head that fits
  }
  if (item.children.length > 0 && random.below(2) === 0) return rearranged(bytes, item, random);
  switch (random.below(6)) {
    case 0:
      return ODD[random.below(ODD.length)] ?? whole;
    case 1: {
      const foreign = flat(readItems(other).items);
      const one = foreign[random.below(foreign.length)];
      return one === undefined ? whole : other.subarray(one.start, one.end);
    }
    case 2: // the same, in a longer head than needed
      return concat(writeArgument(item.major, item.argument, 1 << random.below(4)), content);
    case 3: {
      const near = item.argument + BigInt(random.below(3) - 1);
      return concat(writeArgument(item.major, near < 0n ? 0n : near), content);
    }
    case 4:
      return concat(
        writeArgument(MAJOR.tag, BigInt([0, 2, 17, 18, 61, 24, 57_343][random.below(7)] ?? 0)),
        whole,
      );
    default:
      return concat(writeArgument(random.below(8), item.argument), content); // another type
  }
}

/** An array or map with elements left out, doubled or exchanged, and a head that counts them. */
function rearranged(bytes: Uint8Array, item: Item, random: Random): Uint8Array {
  const width = item.major === MAJOR.map ? 2 : 1;
  const parts: Uint8Array[] = [];
  for (let i = 0; i + width <= item.children.length; i += width) {
    const [first, last] = [item.children[i], item.children[i + width - 1]];
    if (first !== undefined && last !== undefined) parts.push(bytes.subarray(first.start, last.end));
  }
  const [a, b] = [random.below(parts.length), random.below(parts.length)];
  const [one, two] = [parts[a], parts[b]];
  if (one === undefined || two === undefined) return bytes.subarray(item.start, item.end);
  switch (random.below(4)) {
    case 0:
      parts.splice(a, 1);
      break;
    case 1:
      parts.splice(b, 0, one);
      break;
    case 2:
      [parts[a], parts[b]] = [two, one];
      break;
    default: // of indefinite length
      return concat(Uint8Array.of((item.major << 5) | 31), ...parts, Uint8Array.of(0xff));
  }
  return concat(writeArgument(item.major, BigInt(parts.length)), ...parts);
}

/** All items at any depth. */
function flat(items: readonly Item[]): readonly Item[] {
  const all = [...items];
  for (const item of all) for (const child of item.children) all.push(child); // grows while it is walked
  return all;
}
