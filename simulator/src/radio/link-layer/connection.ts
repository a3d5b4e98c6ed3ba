/**
 * One connection (Core, Vol 6, Part B, 4.5): connection events at a fixed interval, in which both sides exchange PDUs
 * in turn until neither has more, the radio is needed elsewhere, or one is lost. Lost PDUs are repeated in the next event.
 */
import type { Address } from '../air/address.js';
import type { Air, Station } from '../air/air.js';
import type { Path } from '../air/signal.js';
import { INTER_FRAME_MS, MIN_DATA_OCTETS, packetMs } from '../air/timing.js';
import type { EventClock } from '../clock.js';
import { type Fragment, fragmentsOf, type PeripheralEnd, type PeripheralLink } from './ends.js';
import { type Pdu, TransmitQueue } from './transmit-queue.js';

export interface ConnectionSettings {
  readonly intervalMs: number;
  /** Connection events that the band may sleep through while it has nothing to say. */
  readonly latency: number;
  /** Milliseconds without a packet after which a side gives the connection up. */
  readonly timeoutMs: number;
}

/** Why a connection ended, in HCI's words (Core, Vol 1, Part F). */
export const ENDED = { timeout: 0x08, byPeer: 0x13, byHost: 0x16, neverEstablished: 0x3e } as const;
export type EndReason = (typeof ENDED)[keyof typeof ENDED];

/** What the controller is told. */
export interface CentralEnd {
  readonly received: (connection: Connection, fragment: Fragment) => void;
  /** So many of the host's packets have arrived. */
  readonly completed: (connection: Connection, packets: number) => void;
  readonly updated: (connection: Connection) => void;
  readonly lengthChanged: (connection: Connection) => void;
  readonly ended: (connection: Connection, reason: EndReason) => void;
  /** Whether one more payload could be taken from the air. */
  readonly hasRoom: () => boolean;
  /** Until when the radio is this connection's from `start`; undefined when it is needed elsewhere. */
  readonly grant: (connection: Connection, start: number, firstExchangeMs: number) => number | undefined;
  readonly occupied: (from: number, to: number) => void;
}

export interface ConnectionOptions {
  readonly handle: number;
  readonly peer: Address;
  readonly settings: ConnectionSettings;
  /** The first connection event. */
  readonly anchor: number;
  readonly station: Station;
  readonly path: Path;
  readonly central: CentralEnd;
}

/** A side waits this long for the beginning of an answer. */
const LISTEN_MS = 0.05;
/** Connection events after which an unanswered connection counts as never made, and before an update applies. */
const EVENTS_TO_ESTABLISH = 6;
const EVENTS_TO_UPDATE = 6;

const OCTETS = { terminate: 2, update: 12, length: 9 } as const;

export class Connection {
  readonly handle: number;
  /** Under which the band advertised. */
  readonly peer: Address;
  /** The next connection event. */
  anchor: number;
  /** Events in a row that another connection had the radio for. */
  missed = 0;
  settings: ConnectionSettings;
  /** Most payload of a data PDU in either direction. */
  dataOctets = MIN_DATA_OCTETS;
  readonly station: Station;
  private readonly down = new TransmitQueue();
  private readonly up = new TransmitQueue();
  private peripheral: PeripheralEnd | undefined;
  private isEstablished = false;
  private isOver = false;
  private isEnding = false;
  private lastHeard: number;
  private counter = 0;
  private update: { readonly at: number; readonly settings: ConnectionSettings } | undefined;

  constructor(
    private readonly clock: EventClock,
    private readonly air: Air,
    private readonly options: ConnectionOptions,
  ) {
    this.handle = options.handle;
    this.peer = options.peer;
    this.settings = options.settings;
    this.anchor = options.anchor;
    this.station = options.station;
    this.lastHeard = clock.now();
    this.clock.at(this.anchor, this.event);
  }

  /** The band's side. It hears nothing of a connection whose request was lost. */
  readonly link: PeripheralLink = {
    send: (frame) =>
      this.up.push(
        fragmentsOf(frame, this.dataOctets).map((fragment) => ({ octets: fragment.bytes.length, fragment })),
      ),
    sendFragment: (fragment) => this.up.push([{ octets: fragment.bytes.length, fragment }]),
    disconnect: () => {
      const acked = (): void => {
        this.end(ENDED.byPeer);
      };
      if (!this.up.push([{ octets: OCTETS.terminate, acked }])) this.up.pushControl(OCTETS.terminate, acked);
    },
    abandon: () => {
      this.peripheral = undefined;
      this.up.clear();
    },
  };

  attach(peripheral: PeripheralEnd | undefined): void {
    this.peripheral = peripheral;
  }

  /** Sends one of the host's packets; it counts as completed when the band has all of it. */
  send(packet: Fragment): boolean {
    const fragments = fragmentsOf(packet.bytes, this.dataOctets, packet.isStart);
    const last = fragments.length - 1;
    return this.down.push(
      fragments.map((fragment, index) => ({
        octets: fragment.bytes.length,
        fragment,
        ...(index === last && {
          acked: () => {
            this.options.central.completed(this, 1);
          },
        }),
      })),
    );
  }

  /** Ends it from the host's side. */
  disconnect(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    const end = (): void => {
      this.end(ENDED.byHost);
    };
    this.down.pushControl(OCTETS.terminate, end);
    this.clock.after(this.settings.timeoutMs, end); // a band that does not answer is not waited for
  }

  changeSettings(settings: ConnectionSettings): void {
    this.down.pushControl(OCTETS.update, () => {
      this.update = { at: this.counter + EVENTS_TO_UPDATE, settings };
    });
  }

  changeLength(octets: number): void {
    this.down.pushControl(OCTETS.length, () => {
      const agreed = Math.max(MIN_DATA_OCTETS, Math.min(octets, this.station.dataOctets));
      if (agreed === this.dataOctets) return;
      this.dataOctets = agreed;
      this.options.central.lengthChanged(this);
    });
  }

  /** The controller forgets the connection without a word. The band notices by its time-out. */
  forget(): void {
    this.isOver = true;
    const { peripheral } = this;
    this.peripheral = undefined;
    if (peripheral !== undefined) this.clock.after(this.settings.timeoutMs, peripheral.ended);
  }

  private readonly event = (): void => {
    if (this.isOver) return;
    const start = this.anchor;
    const patience = this.isEstablished
      ? this.settings.timeoutMs
      : EVENTS_TO_ESTABLISH * this.settings.intervalMs;
    if (start - this.lastHeard >= patience) {
      this.giveUp();
      return;
    }
    this.counter++;
    this.applyUpdate();
    this.anchor = start + this.settings.intervalMs;
    this.clock.at(this.anchor, this.event);
    const first =
      packetMs(this.down.head?.octets ?? 0) + INTER_FRAME_MS + packetMs(this.up.head?.octets ?? 0);
    const limit = this.options.central.grant(this, start, first);
    if (limit === undefined) this.missed++;
    else {
      this.missed = 0;
      this.options.central.occupied(start, this.exchange(start, limit));
    }
  };

  /** Returns when the radio is free again. */
  private exchange(start: number, limit: number): number {
    const loss = this.air.lossOf(this.station, this.air.strength(this.station, this.options.path));
    let at = start;
    for (let isFirst = true; ; isFirst = false) {
      const down = this.down.head;
      const up = this.up.head;
      const downMs = packetMs(down?.octets ?? 0);
      const upMs = packetMs(up?.octets ?? 0);
      if (!isFirst && at + downMs + INTER_FRAME_MS + upMs > limit) return at;
      at += downMs;
      if (!this.isListened || this.air.happens(loss)) return at + INTER_FRAME_MS + LISTEN_MS;
      if (down !== undefined && down.isDelivered !== true) this.deliverDown(down, at);
      at += INTER_FRAME_MS + upMs;
      if (this.air.happens(loss)) return at;
      this.lastHeard = at;
      this.isEstablished = true;
      if (down !== undefined) {
        this.down.shift();
        if (down.acked !== undefined) this.later(at, down.acked);
      }
      const isTaken = up !== undefined && (up.fragment === undefined || this.options.central.hasRoom());
      if (isTaken) this.takeUp(up, at);
      at += INTER_FRAME_MS;
      const isStuck = up !== undefined && !isTaken;
      if (isStuck || (this.down.head === undefined && this.up.head === undefined)) return at;
    }
  }

  /** Whether the band listens to this event: it may sleep only while it has nothing to say. */
  private get isListened(): boolean {
    if (this.peripheral === undefined) return false;
    return (
      this.up.head !== undefined || this.counter % (this.settings.latency + 1) === 0 || !this.isEstablished
    );
  }

  private deliverDown(pdu: Pdu, at: number): void {
    pdu.isDelivered = true;
    const { fragment } = pdu;
    if (fragment !== undefined) this.later(at, () => this.peripheral?.received(fragment));
  }

  private takeUp({ fragment, acked }: Pdu, at: number): void {
    this.up.shift();
    if (fragment !== undefined) {
      this.later(at, () => {
        this.options.central.received(this, fragment);
      });
    }
    if (acked !== undefined) this.later(at, acked);
  }

  private later(at: number, action: () => void): void {
    this.clock.at(at, () => {
      if (!this.isOver) action();
    });
  }

  private applyUpdate(): void {
    if (this.update === undefined || this.counter < this.update.at) return;
    this.settings = this.update.settings;
    this.update = undefined;
    this.options.central.updated(this);
  }

  private giveUp(): void {
    this.end(this.isEnding ? ENDED.byHost : this.isEstablished ? ENDED.timeout : ENDED.neverEstablished);
  }

  private end(reason: EndReason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.peripheral?.ended();
    this.options.central.ended(this, reason);
  }
}
