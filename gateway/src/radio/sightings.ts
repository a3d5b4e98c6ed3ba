/**
 * Who is in range, by what their adverts say (SPEC.md, Adverts): hints on whom to connect to, bounded, and gone when
 * nothing was heard for a while. A band is known by its device id; addresses are only where it is reached just now.
 */
import {
  ADVERT_BYTES,
  type AdvertState,
  openAdvert,
  readAdvertisingData,
  type Timers,
} from '@timeband/protocol';
import type { RadioCounters } from './counters.js';
import type { AdvertReport, PeerAddress } from './hci/adverts.js';
import { type AdvertPhase, heardAgain } from './phase.js';
import type { AddressResolver, ResolvedBand } from './resolver.js';

/** Not heard for so long: it has left. */
export const PRESENCE_MS = 60_000;

/** Sightings of devices that are not this site's, or not yet. */
const MAX_STRANGERS = 64;
/** Addresses of one band: its own, and the one before or one that somebody replays. */
const MAX_ADDRESSES = 2;

export interface Sighting extends AdvertPhase {
  readonly address: PeerAddress;
  /** Absent for a stranger: nothing that it says can be verified. */
  readonly device: string | undefined;
  readonly state: AdvertState | undefined;
  /** On the radio's clock, milliseconds. */
  readonly firstHeardAt: number;
  /** dBm. */
  readonly rssi: number;
}

interface Entry extends Sighting {
  readonly counter: number;
}

export interface SightingsOptions {
  readonly resolver: AddressResolver;
  readonly timers: Timers;
  readonly counters: RadioCounters;
  /** Something is new: a band came, or it says something else than before. */
  readonly changed: (sighting: Sighting) => void;
}

export class Sightings {
  /** By address; bands and strangers apart. */
  private readonly bands = new Map<string, Entry>();
  private readonly strangers = new Map<string, Entry>();
  /** Addresses of a band, the newest last. */
  private readonly addresses = new Map<string, string[]>();

  constructor(private readonly options: SightingsOptions) {}

  /** Takes a report off the air, whoever sent it. */
  hear(report: AdvertReport): void {
    const { counters, resolver } = this.options;
    const data = readAdvertisingData(report.data);
    if (data.kind !== 'band') {
      counters.count(data.kind === 'foreign' ? 'advert/foreign' : 'hostile/advert');
      return;
    }
    if (!report.isConnectable || data.sealed.length !== ADVERT_BYTES) {
      counters.count('hostile/advert');
      return;
    }
    const { bytes } = report.address;
    const band = resolver.resolve(
      report.address,
      ({ advertKey }) => openAdvert(advertKey, bytes, data.sealed) !== undefined,
    );
    if (band === 'later') counters.count('advert/over-budget');
    else if (band === 'forged') counters.count('advert/forged');
    else if (band === undefined) this.hearStranger(report);
    else this.hearBand(band, report, data.sealed);
  }

  /**
   * Those heard within the presence time-out, each band where it was heard last: what it said under an address that it
   * has changed since is out of date. The others are forgotten.
   */
  present(): Sighting[] {
    const oldest = this.options.timers.now() - PRESENCE_MS;
    for (const [key, { heardAt, device }] of this.bands) if (heardAt < oldest) this.forget(key, device);
    for (const [key, { heardAt }] of this.strangers) if (heardAt < oldest) this.strangers.delete(key);
    const newest = new Map<string, Entry>();
    for (const [key, entry] of this.bands) {
      const known = newest.get(entry.device ?? key);
      if (known === undefined || known.heardAt <= entry.heardAt) newest.set(entry.device ?? key, entry);
    }
    return [...newest.values(), ...this.strangers.values()];
  }

  /** The sighting under an address. */
  find(addressKey: string): Sighting | undefined {
    return this.bands.get(addressKey) ?? this.strangers.get(addressKey);
  }

  private hearBand({ device, advertKey }: ResolvedBand, report: AdvertReport, sealed: Uint8Array): void {
    const { counters, timers } = this.options;
    const opened = openAdvert(advertKey, report.address.bytes, sealed);
    if (opened === undefined) {
      counters.count('advert/forged');
      return;
    }
    const { key } = report.address;
    const before = this.bands.get(key);
    if (before !== undefined && opened.counter < before.counter) {
      counters.count('advert/replayed');
      return;
    }
    const now = timers.now();
    const entry: Entry = {
      ...{ address: report.address, device, state: opened.state, counter: opened.counter },
      ...{ firstHeardAt: before?.firstHeardAt ?? now, ...heardAgain(before, now), rssi: report.rssi },
    };
    this.bands.set(key, entry);
    if (before === undefined) this.addAddress(device, key);
    if (before?.counter !== opened.counter) this.options.changed(entry);
  }

  private hearStranger({ address, rssi }: AdvertReport): void {
    const now = this.options.timers.now();
    const before = this.strangers.get(address.key);
    const entry: Entry = {
      ...{ address, device: undefined, state: undefined, counter: 0 },
      ...{ firstHeardAt: before?.firstHeardAt ?? now, ...heardAgain(before, now), rssi },
    };
    if (before === undefined && this.strangers.size >= MAX_STRANGERS) {
      this.options.counters.count('advert/strangers-full');
      return; // who came first is served first; presence makes room
    }
    this.strangers.set(address.key, entry);
    if (before === undefined) this.options.changed(entry);
  }

  private addAddress(device: string, key: string): void {
    const keys = [...(this.addresses.get(device) ?? []), key];
    for (const old of keys.splice(0, keys.length - MAX_ADDRESSES)) this.bands.delete(old);
    this.addresses.set(device, keys);
  }

  private forget(key: string, device: string | undefined): void {
    this.bands.delete(key);
    if (device === undefined) return;
    const left = (this.addresses.get(device) ?? []).filter((other) => other !== key);
    if (left.length === 0) this.addresses.delete(device);
    else this.addresses.set(device, left);
  }
}
