/** Randomness that a seed repeats, for arrivals, tags and damage. Keys, nonces and salts never come from here. */
import { sha256 } from '@timeband/protocol';

export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Uniform whole number in [0, below). */
  readonly below: (below: number) => number;
  readonly bytes: (length: number) => Uint8Array;
}

/** A generator (mulberry32) that gives the same sequence for the same seed. */
export function seededRandom(seed: string): Random {
  const digest = sha256(new TextEncoder().encode(seed));
  let state = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, bytes: (length) => Uint8Array.from({ length }, () => below(256)) };
}
