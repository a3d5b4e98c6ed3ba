/**
 * The air between bands and controllers: who transmits when on the advertising channels, what collides there, and how
 * strongly it arrives. Overlapping adverts destroy each other (pure ALOHA): every advertiser steps through the channels
 * at the same pace, so that what overlaps on one of them overlaps on all three.
 */
import type { Random } from '../../random.js';
import type { EventClock } from '../clock.js';
import type { PeripheralEnd, PeripheralLink } from '../link-layer/ends.js';
import type { Address } from './address.js';
import { lossAt, type Path, signalStrength } from './signal.js';
import { advertMs } from './timing.js';

/** What one advertising event sends. */
export interface Advert {
  readonly address: Address;
  /** AD structures, at most 31 bytes. */
  readonly data: Uint8Array;
  /** What is answered to a scanner that asks; not scannable without. */
  readonly scanResponse?: Uint8Array | undefined;
  readonly isConnectable: boolean;
}

/** A band's radio, as others meet it. */
export interface Station {
  readonly path: Path;
  /** Share of its packets that are lost, in both directions, whatever the distance. */
  readonly lossRate: number;
  /** Most payload of a data PDU that it takes. */
  readonly dataOctets: number;
  /** A connection request reached it. Undefined: it does not listen. */
  readonly join: (link: PeripheralLink) => PeripheralEnd | undefined;
}

export interface Transmission {
  readonly station: Station;
  readonly advert: Advert;
  /** Of the PDU on the first channel. */
  readonly start: number;
  readonly durationMs: number;
  isCollided: boolean;
}

/** Whoever listens for adverts. */
export interface AdvertReceiver {
  readonly path: Path;
  /** When the first PDU that it could hear will have arrived; undefined when it listens to none of them. */
  readonly hearsAt: (transmission: Transmission) => number | undefined;
  /** That moment has come. */
  readonly arrived: (transmission: Transmission) => void;
}

export interface AirOptions {
  /** Share of all packets that are lost, whatever the distance. */
  readonly lossRate?: number;
}

export class Air {
  readonly counters = { adverts: 0, collided: 0 };
  lossRate: number;
  private readonly receivers = new Set<AdvertReceiver>();
  private onAir: Transmission[] = [];

  constructor(
    private readonly clock: EventClock,
    private readonly random: Random,
    { lossRate = 0 }: AirOptions = {},
  ) {
    this.lossRate = lossRate;
  }

  join(receiver: AdvertReceiver): void {
    this.receivers.add(receiver);
  }

  /** Nothing more is offered to it; what is on its way still arrives. */
  leave(receiver: AdvertReceiver): void {
    this.receivers.delete(receiver);
  }

  /** To how many every advert is offered. */
  get receiverCount(): number {
    return this.receivers.size;
  }

  /** One advertising event, beginning now. */
  advertise(station: Station, advert: Advert): void {
    const start = this.clock.now();
    const sent = { station, advert, start, durationMs: advertMs(advert.data.length), isCollided: false };
    this.counters.adverts++;
    this.collide(sent);
    for (const receiver of this.receivers) {
      const at = receiver.hearsAt(sent);
      if (at === undefined) continue;
      this.clock.at(at, () => {
        receiver.arrived(sent);
      });
    }
  }

  /** dBm of a packet between a band and a receiver, now. */
  strength(station: Station, receiver: Path): number {
    const now = this.clock.now();
    return signalStrength(station.path(now), receiver(now), this.random);
  }

  /** Probability that a packet of this strength is lost, by whatever cause. */
  lossOf(station: Station, dbm: number): number {
    return 1 - (1 - this.lossRate) * (1 - station.lossRate) * (1 - lossAt(dbm));
  }

  /** Throws the dice. */
  happens(probability: number): boolean {
    return probability > 0 && this.random.next() < probability;
  }

  private collide(sent: Transmission): void {
    this.onAir = this.onAir.filter(({ start, durationMs }) => start + durationMs > sent.start);
    for (const other of this.onAir) {
      if (!other.isCollided) this.counters.collided++;
      other.isCollided = true;
      sent.isCollided = true;
    }
    if (sent.isCollided) this.counters.collided++;
    this.onAir.push(sent);
  }
}
