/**
 * Whose address it is (SPEC.md, Adverts). Every band's key is tried on an address that is new, which strangers can make
 * as many of as they like: what is known is remembered, bounded, and the rest has a budget.
 */
import { advertKey, PrivateAddressResolver, type Timers } from '@timeband/protocol';
import type { PeerAddress } from './hci/adverts.js';

/** A band of this site as its adverts show it. */
export interface BandKey {
  readonly device: string;
  /** Identity resolving key, 16 bytes. */
  readonly irk: Uint8Array;
}

export interface ResolvedBand {
  readonly device: string;
  /** Of its adverts' service data. */
  readonly advertKey: Uint8Array;
}

/** A band changes its address four times an hour. */
const MAX_KNOWN = 8_192;
const MAX_STRANGERS = 2_048;
/** Addresses per second that are tried on all keys. */
const SEARCHES_PER_SECOND = 100;

export class AddressResolver {
  private readonly bands: PrivateAddressResolver<ResolvedBand>;
  private readonly known = new Map<string, ResolvedBand | undefined>();
  private strangers = 0;
  private budget = SEARCHES_PER_SECOND;
  private refilledAt: number;

  constructor(
    bands: Iterable<BandKey>,
    private readonly timers: Timers,
  ) {
    this.refilledAt = timers.now();
    this.bands = new PrivateAddressResolver(
      Array.from(bands, ({ device, irk }) => [{ device, advertKey: advertKey(irk) }, irk] as const),
    );
  }

  /**
   * The band with this address; undefined for none of this site's; `later` when the budget is used up; `forged` when the
   * address is a band's and what came with it is not.
   * @param isProven whether the advert was made by this band
   */
  resolve(
    address: PeerAddress,
    isProven: (band: ResolvedBand) => boolean,
  ): ResolvedBand | undefined | 'later' | 'forged' {
    if (!address.isRandom) return undefined;
    if (this.known.has(address.key)) return this.known.get(address.key);
    if (!this.takeSearch()) return 'later';
    let isForged = false;
    for (const band of this.bands.candidates(address.bytes)) {
      isForged = true;
      if (!isProven(band)) continue;
      this.remember(address.key, band);
      return band;
    }
    if (isForged) return 'forged';
    this.remember(address.key, undefined);
    return undefined;
  }

  private takeSearch(): boolean {
    const now = this.timers.now();
    const earned = ((now - this.refilledAt) * SEARCHES_PER_SECOND) / 1_000;
    this.budget = Math.min(SEARCHES_PER_SECOND, this.budget + earned);
    this.refilledAt = now;
    if (this.budget < 1) return false;
    this.budget--;
    return true;
  }

  /** Strangers push out strangers, and bands push out bands. */
  private remember(key: string, found: ResolvedBand | undefined): void {
    if (found === undefined) this.strangers++;
    this.known.set(key, found);
    const isFull =
      found === undefined ? this.strangers > MAX_STRANGERS : this.known.size - this.strangers > MAX_KNOWN;
    if (!isFull) return;
    for (const [oldest, band] of this.known) {
      if ((band === undefined) !== (found === undefined)) continue;
      this.known.delete(oldest);
      if (band === undefined) this.strangers--;
      return;
    }
  }
}
