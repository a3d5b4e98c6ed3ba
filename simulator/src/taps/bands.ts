/** The residents' bands of a simulation: every seed gives the same tags, in whatever process. */
import { sha256 } from '@timeband/protocol';

/** NXP's manufacturer code, with which the UIDs of most NFC tags begin (ISO/IEC 7816-6). */
const NXP = 0x04;
const UID_BYTES = 7;

export interface Band {
  /** From 0. */
  readonly number: number;
  readonly uid: Uint8Array;
}

export function bandOf(seed: string, number: number): Band {
  const uid = sha256(new TextEncoder().encode(`${seed}/band/${number}`)).slice(0, UID_BYTES);
  uid[0] = NXP;
  return { number, uid };
}

/** Bands `from` to `to`, both included. */
export interface BandRange {
  readonly from: number;
  readonly to: number;
}

export function bandsOf(seed: string, { from, to }: BandRange): readonly Band[] {
  return Array.from({ length: to - from + 1 }, (_, index) => bandOf(seed, from + index));
}
