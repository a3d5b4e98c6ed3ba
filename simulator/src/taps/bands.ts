/**
 * The residents' bands of a simulation: every seed gives the same ones, in whatever process. Some are tags that show
 * their UID, some tags with a counter and a MAC, some answer with a key of their own (SPEC.md, Evidence).
 */
import {
  ALG,
  type Challenge,
  IRK_BYTES,
  type KnownProof,
  makeSun,
  PrivateKey,
  sha256,
  signAnswer,
  tagFileReadKey,
  TAG_KEY_BYTES,
  toHex,
} from '@timeband/protocol';

/** NXP's manufacturer code, with which the UIDs of most NFC tags begin (ISO/IEC 7816-6). */
const NXP = 0x04;
const UID_BYTES = 7;

export interface Band {
  /** From 0. */
  readonly number: number;
  readonly uid: Uint8Array;
  /** What it shows a reader that asks, each time anew. */
  readonly prove: (challenge: Challenge) => KnownProof;
}

/** How many of every so many bands are of each kind. */
export interface BandMix {
  readonly uid: number;
  readonly sun: number;
  readonly key: number;
}
export type BandKind = keyof BandMix;

export const PLAIN_TAGS: BandMix = { uid: 1, sun: 0, key: 0 };
/** With a key of their own, and a radio. */
export const WRISTBANDS: BandMix = { uid: 0, sun: 0, key: 1 };

/** Bands `from` to `to`, both included. */
export interface BandRange {
  readonly from: number;
  readonly to: number;
}

/** What all bands of a simulation have in common. */
export interface BandStockOptions {
  readonly seed: string;
  readonly site: string;
  readonly mix?: BandMix | undefined;
  /** Unix seconds: counters begin where the clock says, so that those of an earlier run are behind them. */
  readonly now?: number;
}

/** The beginning of the counters' clock, and the seconds in which a tag is not expected to be tapped twice on average. */
const COUNTERS_BEGAN = 1_700_000_000;
const SECONDS_A_TAP = 16;

export class BandStock {
  readonly seed: string;
  readonly site: string;
  private readonly mix: BandMix;
  private readonly firstCounter: number;
  private readonly made = new Map<number, Band>();

  constructor({ seed, site, mix = PLAIN_TAGS, now = Date.now() / 1_000 }: BandStockOptions) {
    this.seed = seed;
    this.site = site;
    this.mix = mix;
    this.firstCounter = Math.max(0, Math.floor((now - COUNTERS_BEGAN) / SECONDS_A_TAP));
  }

  bands({ from, to }: BandRange): readonly Band[] {
    return Array.from({ length: to - from + 1 }, (_, index) => this.band(from + index));
  }

  /** Always the same one: a band keeps its counter. */
  band(number: number): Band {
    const made = this.made.get(number) ?? this.make(number);
    this.made.set(number, made);
    return made;
  }

  kind(number: number): BandKind {
    const { uid, sun, key } = this.mix;
    const place = number % (uid + sun + key);
    return place < uid ? 'uid' : place < uid + sun ? 'sun' : 'key';
  }

  uid(number: number): Uint8Array {
    const uid = this.derive(`band/${number}`).slice(0, UID_BYTES);
    uid[0] = NXP;
    return uid;
  }

  /** The id in the certificate of a band with a key. */
  id(number: number): string {
    return `band-${toHex(this.uid(number))}`;
  }

  /** Of a simulation only: whoever knows the seed has it. */
  key(number: number): PrivateKey {
    return PrivateKey.fromSecret(ALG.EdDSA, this.derive(`band/${number}/key`));
  }

  /** The identity resolving key of a band with a radio, 16 bytes. */
  irk(number: number): Uint8Array {
    return this.derive(`band/${number}/irk`).slice(0, IRK_BYTES);
  }

  /** The SDM file-read key of a tag, 16 bytes. */
  tagKey(number: number): Uint8Array {
    const master = this.derive('tags').subarray(0, TAG_KEY_BYTES);
    return tagFileReadKey(master, this.site, this.uid(number));
  }

  private make(number: number): Band {
    const uid = this.uid(number);
    let counter = this.firstCounter;
    switch (this.kind(number)) {
      case 'uid':
        return plainTag(uid, number);
      case 'sun': {
        const key = this.tagKey(number);
        return { number, uid, prove: () => makeSun(key, { uid, counter: ++counter }) };
      }
      case 'key': {
        const key = this.key(number);
        const prove = (challenge: Challenge): KnownProof => ({
          kind: 'answer',
          message: signAnswer(key, this.site, { ...challenge, counter: ++counter, sincePress: 1 }),
        });
        return { number, uid, prove };
      }
    }
  }

  private derive(what: string): Uint8Array {
    return sha256(new TextEncoder().encode(`${this.seed}/${what}`));
  }
}

/** A tag that shows its UID and no more. */
export function plainTag(uid: Uint8Array, number = -1): Band {
  return { number, uid, prove: () => ({ kind: 'uid', uid }) };
}
