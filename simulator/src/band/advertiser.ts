/**
 * What a band says in the air and how often (SPEC.md, Adverts): under an address that only its site can tell is its own,
 * encrypted, and the faster the more urgent it is.
 */
import {
  advertKey,
  type AdvertState,
  bandAdvertisingData,
  privateAddress,
  sealAdvert,
  type Timers,
} from '@timeband/protocol';
import type { Random } from '../random.js';
import { address, type Address } from '../radio/air/address.js';
import type { BandAdvert } from '../radio/band/firmware.js';

const ADDRESS_FOR_MS = 15 * 60_000;
const LAST_COUNTER = 0xffff;

const INTERVAL_MS = { help: 20, pressed: 100, news: 300, usual: 1_000 } as const;
/** A call for help is shouted for so long, and then goes on as news. */
const SHOUT_MS = 5_000;
/** A new record is news for so long. */
const NEWS_MS = 10_000;

export interface AdvertiserOptions {
  /** The identity resolving key, 16 bytes. */
  readonly irk: Uint8Array;
  readonly timers: Timers;
  readonly random: Random;
  readonly state: () => AdvertState;
}

export class Advertiser {
  private readonly key: Uint8Array;
  private bytes: Uint8Array = new Uint8Array();
  private address: Address | undefined;
  private addressSince = 0;
  private counter = 0;
  private said: AdvertState | undefined;
  private data: Uint8Array = new Uint8Array();
  private newsAt = -Infinity;
  private helpAt = -Infinity;

  constructor(private readonly options: AdvertiserOptions) {
    this.key = advertKey(options.irk);
  }

  /** There is a new record. */
  news(): void {
    this.newsAt = this.options.timers.now();
  }

  /** The wearer calls for help. */
  help(): void {
    this.helpAt = this.options.timers.now();
  }

  /** Takes a new address with the next advert, as at every start. */
  rotate(): void {
    this.address = undefined;
  }

  /** What the next advertising event sends. */
  advert(): BandAdvert {
    const { timers, state } = this.options;
    const now = timers.now();
    const isWornOut = now - this.addressSince >= ADDRESS_FOR_MS || this.counter === LAST_COUNTER;
    const current = this.address === undefined || isWornOut ? this.takeAddress(now) : this.address;
    const says = state();
    if (this.said === undefined || !isSame(this.said, says)) {
      if (this.said !== undefined) this.counter++;
      this.said = says;
      this.data = bandAdvertisingData(sealAdvert(this.key, this.bytes, this.counter, says));
    }
    return { address: current, data: this.data, isConnectable: true, intervalMs: this.intervalMs(says, now) };
  }

  private intervalMs({ help, pressed, waiting }: AdvertState, now: number): number {
    if (help && now - this.helpAt < SHOUT_MS) return INTERVAL_MS.help;
    if (pressed) return INTERVAL_MS.pressed;
    const isNews = waiting > 0 && now - this.newsAt < NEWS_MS;
    return help || isNews ? INTERVAL_MS.news : INTERVAL_MS.usual;
  }

  private takeAddress(now: number): Address {
    const { irk, random } = this.options;
    this.bytes = privateAddress(irk, random.bytes(3));
    this.address = address(Uint8Array.from(this.bytes).reverse(), true);
    this.addressSince = now;
    this.counter = 0;
    this.said = undefined;
    return this.address;
  }
}

function isSame(a: AdvertState, b: AdvertState): boolean {
  return (
    a.help === b.help &&
    a.pressed === b.pressed &&
    a.full === b.full &&
    a.clockUnset === b.clockUnset &&
    a.battery === b.battery &&
    a.waiting === b.waiting
  );
}
