/**
 * Who is in range, by what their adverts say (SPEC.md, Adverts): hints on whom to connect to, bounded, and gone when
 * nothing was heard for a while. A band is known by its device id; addresses are only where it is reached just now.
 */
import {
  ADVERT_BYTES,
  type AdvertState,
  equalBytes,
  openAdvert,
  readAdvertisingData,
  type Timers,
} from '@timeband/protocol';
import {
  type AddressResolver,
  type AdvertPhase,
  type AdvertReport,
  heardAgain,
  heardAnew,
  intervalOf,
  type PeerAddress,
  type RadioCounters,
  type ResolvedBand,
} from '@timeband/radio';

/** Not heard for so long: it has left. */
export const PRESENCE_MS = 60_000;

/** Sightings of devices that are not this site's, or not yet. */
const MAX_STRANGERS = 64;
/** Addresses of one band: its own, and the one before or one that somebody replays. */
const MAX_ADDRESSES = 2;

const NOTHING = new Uint8Array();

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
  /** As it was heard: what is repeated needs no second look. */
  readonly sealed: Uint8Array;
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
  /** By device id, where each was heard last: what it said under an address that it has changed since is out of date. */
  private readonly newest = new Map<string, Entry>();
  private readonly strangers = new Map<string, Entry>();
  /** Addresses of a band, the newest last. */
  private readonly addresses = new Map<string, string[]>();

  constructor(private readonly options: SightingsOptions) {}

  /** Takes a report off the air, whoever sent it. */
  hear(report: AdvertReport): void {
    const { counters, resolver } = this.options;
    const data = readAdvertisingData(report.data);
    if (data.kind !== 'band') {
      counters.count(data.kind === 'malformed' ? 'hostile/advert' : 'advert/foreign');
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

  /** Those heard within the presence time-out; the others are forgotten. */
  present(): Sighting[] {
    const oldest = this.options.timers.now() - PRESENCE_MS;
    for (const [device, { heardAt }] of this.newest) if (heardAt < oldest) this.forget(device);
    for (const [key, { heardAt }] of this.strangers) if (heardAt < oldest) this.strangers.delete(key);
    return [...this.newest.values(), ...this.strangers.values()];
  }

  /** The sighting under an address. */
  find(addressKey: string): Sighting | undefined {
    return this.bands.get(addressKey) ?? this.strangers.get(addressKey);
  }

  private hearBand({ device, advertKey }: ResolvedBand, report: AdvertReport, sealed: Uint8Array): void {
    const { address, rssi } = report;
    const before = this.bands.get(address.key);
    const now = this.options.timers.now();
    if (before !== undefined && equalBytes(before.sealed, sealed)) {
      this.keep(device, { ...before, ...heardAgain(before, now), rssi });
      return;
    }
    const opened = openAdvert(advertKey, address.bytes, sealed);
    const isReplayed = opened !== undefined && before !== undefined && opened.counter < before.counter;
    if (opened === undefined || isReplayed) {
      this.options.counters.count(isReplayed ? 'advert/replayed' : 'advert/forged');
      return;
    }
    const { state, counter } = opened;
    // Who is heard for the first time may have been saying so for long.
    const phase = before === undefined ? heardAgain(undefined, now) : heardAnew(intervalOf(state), now);
    const firstHeardAt = before?.firstHeardAt ?? now;
    const entry: Entry = { address, device, state, counter, sealed, firstHeardAt, rssi, ...phase };
    if (before === undefined) this.addAddress(device, address.key);
    this.keep(device, entry);
    this.options.changed(entry);
  }

  private keep(device: string, entry: Entry): void {
    this.bands.set(entry.address.key, entry);
    this.newest.set(device, entry);
  }

  private hearStranger({ address, rssi }: AdvertReport): void {
    const now = this.options.timers.now();
    const before = this.strangers.get(address.key);
    const entry: Entry = {
      ...{ address, device: undefined, state: undefined, counter: 0, sealed: NOTHING },
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

  private forget(device: string): void {
    for (const key of this.addresses.get(device) ?? []) this.bands.delete(key);
    this.addresses.delete(device);
    this.newest.delete(device);
  }
}
