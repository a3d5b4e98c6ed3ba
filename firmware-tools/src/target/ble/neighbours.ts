/**
 * Who is in the air around a technician: bands of a site, known by name where their key is, and whatever else offers SMP, such
 * as bands from the factory (SPEC.md, Adverts). All of it hints, bounded, and gone when not heard for a while.
 */
import {
  ADVERT_BYTES,
  type AdvertState,
  openAdvert,
  readAdvertisingData,
  resolves,
  type Timers,
} from '@timeband/protocol';
import {
  AddressResolver,
  type AdvertPhase,
  type AdvertReport,
  type BandKey,
  heardAgain,
  type PeerAddress,
} from '@timeband/radio';

/** Not heard for so long: it has left, or taken another address. */
const PRESENCE_MS = 30_000;
const MAX_NEIGHBOURS = 512;

export interface Neighbour extends AdvertPhase {
  readonly address: PeerAddress;
  /** A band that belongs to a site, or any other device that offers SMP. */
  readonly kind: 'band' | 'server';
  /** Of a band whose key is known. */
  readonly device: string | undefined;
  readonly state: AdvertState | undefined;
  /** As it calls itself in clear: of a band from the factory the end of its serial. */
  readonly name: string | undefined;
  readonly firstHeardAt: number;
  /** dBm. */
  readonly rssi: number;
}

export class Neighbours {
  private readonly all = new Map<string, Neighbour>();
  private readonly keys = new Map<string, BandKey>();
  private resolver: AddressResolver;

  constructor(
    keys: Iterable<BandKey>,
    private readonly timers: Timers,
  ) {
    for (const key of keys) this.keys.set(key.device, key);
    this.resolver = new AddressResolver(this.keys.values(), timers);
  }

  /** From now on this band is known by its name. */
  learn(key: BandKey): void {
    this.keys.set(key.device, key);
    this.resolver = new AddressResolver(this.keys.values(), this.timers);
    for (const [at, neighbour] of this.all) {
      const isIts = neighbour.kind === 'band' && resolves(key.irk, neighbour.address.bytes);
      if (isIts) this.all.set(at, { ...neighbour, device: key.device });
    }
  }

  /** Takes a report off the air, whoever sent it. @returns whom it was of, where that is somebody to connect to */
  hear(report: AdvertReport): Neighbour | undefined {
    const data = readAdvertisingData(report.data);
    if (!report.isConnectable) return undefined;
    if (data.kind === 'server')
      return this.keep(report, { kind: 'server', name: data.name, device: undefined, state: undefined });
    if (data.kind !== 'band' || data.sealed.length !== ADVERT_BYTES) return undefined;
    const { bytes } = report.address;
    let state: AdvertState | undefined;
    const band = this.resolver.resolve(report.address, ({ advertKey }) => {
      return openAdvert(advertKey, bytes, data.sealed) !== undefined;
    });
    if (band === 'later' || band === 'forged') return undefined;
    if (band !== undefined) {
      state = openAdvert(band.advertKey, bytes, data.sealed)?.state;
      if (state === undefined) return undefined;
    }
    return this.keep(report, { kind: 'band', device: band?.device, state, name: undefined });
  }

  /** Those who were heard lately, each band once. */
  present(): Neighbour[] {
    const oldest = this.timers.now() - PRESENCE_MS;
    for (const [key, { heardAt }] of this.all) if (heardAt < oldest) this.all.delete(key);
    const newest = new Map<string, Neighbour>();
    for (const neighbour of this.all.values()) {
      const name = neighbour.device ?? neighbour.address.key;
      if ((newest.get(name)?.heardAt ?? -Infinity) <= neighbour.heardAt) newest.set(name, neighbour);
    }
    return [...newest.values()];
  }

  find(addressKey: string): Neighbour | undefined {
    return this.all.get(addressKey);
  }

  private keep(
    { address, rssi }: AdvertReport,
    said: Pick<Neighbour, 'kind' | 'device' | 'state' | 'name'>,
  ): Neighbour | undefined {
    const now = this.timers.now();
    const before = this.all.get(address.key);
    if (before === undefined && this.all.size >= MAX_NEIGHBOURS) {
      this.present();
      if (this.all.size >= MAX_NEIGHBOURS) return undefined;
    }
    const firstHeardAt = before?.firstHeardAt ?? now;
    const neighbour = { address, rssi, ...said, firstHeardAt, ...heardAgain(before, now) };
    this.all.set(address.key, neighbour);
    return neighbour;
  }
}

/** An address as people write it. */
export function addressText({ bytes }: PeerAddress): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
