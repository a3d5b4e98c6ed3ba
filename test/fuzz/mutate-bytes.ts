/** Changes that know nothing of what the bytes mean. */
import { concat } from '@timeband/protocol';
import type { Random } from '@timeband/simulator';

const INTERESTING = [
  0x00, 0x01, 0x17, 0x18, 0x1b, 0x1f, 0x5f, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xd2, 0xf7, 0xfb, 0xff,
];
const MAX_BYTES = 70_000; // a little over what any decoder takes

type Change = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => replaced(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => replaced(bytes, random, () => INTERESTING[random.below(INTERESTING.length)] ?? 0),
  (bytes, random) => replaced(bytes, random, (byte) => byte + (random.below(2) === 0 ? 1 : 255)),
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random) => bytes.slice(random.below(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
  },
  (bytes, random, other) => {
    const [from, to] = range(other, random);
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const part = bytes.subarray(from, to);
    const most = random.below(50) === 0 ? 4_096 : 8; // large inputs are slow, and few of them say it all
    const times = Math.min(1 + random.below(most), Math.floor(MAX_BYTES / (part.length + 1)));
    return concat(bytes.subarray(0, to), ...Array.from({ length: times }, () => part), bytes.subarray(to));
  },
];

/** One change at a random place; `other` is where foreign bytes are taken from. */
export function mutateBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const change = CHANGES[random.below(CHANGES.length)];
  return (change?.(bytes, random, other) ?? bytes).slice(0, MAX_BYTES);
}

function replaced(bytes: Uint8Array, random: Random, by: (byte: number) => number): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = random.below(out.length);
  if (at < out.length) out[at] = by(out[at] ?? 0);
  return out;
}

function range(bytes: Uint8Array, random: Random): readonly [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, from + random.below(Math.min(64, bytes.length - from) + 1)];
}
