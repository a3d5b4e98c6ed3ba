/**
 * A band in the air: it advertises, takes one connection at a time, and serves SMP over GATT. What it says is its
 * firmware's business; how it misbehaves, that of the behaviours installed in it.
 */
import type { Random } from '../../random.js';
import type { Air, Station } from '../air/air.js';
import type { Path } from '../air/signal.js';
import { MAX_ADVERTISING_DELAY_MS, MAX_DATA_OCTETS } from '../air/timing.js';
import type { EventClock } from '../clock.js';
import { MAX_MTU } from '../gatt/att.js';
import { bandAttributes } from '../gatt/attributes.js';
import { CID, frame, Reassembler } from '../gatt/l2cap.js';
import { GattServer } from '../gatt/server.js';
import type { PeripheralEnd, PeripheralLink } from '../link-layer/ends.js';
import { BandBehaviours, type BandControl, type BandFault } from './behaviour.js';
import { Central, type CentralOwner } from './central.js';
import type { BandAdvert, BandFirmware, FirmwareFactory } from './firmware.js';
import { SmpAssembler } from './smp-assembler.js';

export interface BandOptions {
  readonly name: string;
  readonly firmware: FirmwareFactory;
  readonly path: Path;
  /** Largest MTU that it agrees to, 23 to 517. */
  readonly mtu?: number;
  /** Most payload of a data PDU, 27 to 251 octets. */
  readonly dataOctets?: number;
  /** Other bands, for those that clone them. */
  readonly neighbour?: () => BandAdvert | undefined;
}

const DEFAULT_MTU = 247;

/** From the end of a connection or scan, and from power-on, to the next advert. */
const RESTART_MS = 20;
const BOOT_MS = 500;

interface Session {
  readonly link: PeripheralLink;
  readonly server: GattServer;
}

export class Band implements Station, CentralOwner {
  readonly name: string;
  readonly path: Path;
  readonly firmware: BandFirmware;
  readonly counters = { adverts: 0, connections: 0, requests: 0, notificationsLost: 0 };
  private readonly behaviours = new BandBehaviours();
  private readonly central: Central;
  private session: Session | undefined;
  private isBooting = false;
  private cancelAdvert: (() => void) | undefined;
  private cancelBoot: (() => void) | undefined;

  constructor(
    private readonly clock: EventClock,
    private readonly air: Air,
    private readonly random: Random,
    private readonly options: BandOptions,
  ) {
    this.name = options.name;
    this.path = options.path;
    this.central = new Central(clock, air, this, () => {
      this.advertiseIn(RESTART_MS);
    });
    this.firmware = options.firmware({
      timers: clock,
      send: (packet) => {
        this.send(packet);
      },
      wake: () => {
        this.advertiseIn(0);
      },
      disconnect: () => {
        this.control.disconnect();
      },
      switchOff: () => {
        this.cancelAdvert?.();
        this.vanish();
      },
      central: this.central,
    });
  }

  get isConnected(): boolean {
    return this.session !== undefined;
  }

  /** Whether its radio is neither off nor in another's connection. */
  get isAvailable(): boolean {
    return this.session === undefined && !this.isBooting;
  }

  /** Largest MTU that it agrees to, as server and as client. */
  get mtu(): number {
    return this.behaviours.first(({ mtu }) => mtu) ?? this.options.mtu ?? DEFAULT_MTU;
  }

  get lossRate(): number {
    return this.behaviours.first(({ lossRate }) => lossRate) ?? 0;
  }

  get dataOctets(): number {
    return (
      this.behaviours.first(({ dataOctets }) => dataOctets) ?? this.options.dataOctets ?? MAX_DATA_OCTETS
    );
  }

  /** Switches it on; bands that are switched on together do not advertise together. */
  start(): void {
    this.advertiseIn(this.random.next() * (this.firmware.advert()?.intervalMs ?? 0));
  }

  /** It leaves for good. */
  stop(): void {
    this.isBooting = true; // first: whoever is told must not begin anew
    this.vanish();
    this.cancelAdvert?.();
    this.cancelBoot?.();
  }

  misbehave(fault: BandFault): void {
    this.behaviours.prepend(fault.create({ band: this.control, random: this.random }));
  }

  heal(): void {
    this.behaviours.clear();
  }

  readonly control: BandControl = {
    reboot: () => {
      this.isBooting = true;
      this.vanish();
      this.firmware.rebooted();
      this.cancelBoot?.();
      this.cancelBoot = this.clock.after(BOOT_MS, () => {
        this.isBooting = false;
        this.advertiseIn(0);
      });
    },
    disconnect: () => this.session?.link.disconnect(),
    vanish: (ms) => {
      this.vanish();
      this.advertiseIn(ms);
    },
    handLater: (packet, ms) => {
      const { session } = this;
      this.clock.after(ms, () => {
        if (this.session === session) this.firmware.received(packet);
      });
    },
    notify: (value) => {
      this.sendAtt(this.session?.server.notification(value));
    },
    sendFragment: (fragment) => this.session?.link.sendFragment(fragment),
    fillFlash: () => this.firmware.fillFlash?.(),
    neighbour: () => this.options.neighbour?.(),
  };

  readonly join = (link: PeripheralLink): PeripheralEnd | undefined => {
    const isIgnored = this.behaviours.first(({ onJoin }) => onJoin?.()) !== undefined;
    if (!this.isAvailable || this.central.isBusy || isIgnored) return undefined;
    this.cancelAdvert?.();
    this.counters.connections++;
    const assembler = new SmpAssembler(this.firmware.maxPacketBytes, (packet) => {
      this.take(packet);
    });
    const server = new GattServer({
      attributes: bandAttributes(this.name),
      mtu: this.mtu,
      written: (value) => {
        assembler.push(value);
      },
      subscribed: () => {
        const then = this.behaviours.first(({ onSubscribed }) => onSubscribed?.());
        if (then !== undefined) this.clock.after(0, then); // the write is answered first
      },
    });
    const reassembler = new Reassembler(MAX_MTU, (cid, payload) => {
      if (cid === CID.att) this.answer(server, payload);
    });
    this.session = { link, server };
    this.firmware.connected();
    return {
      received: (fragment) => {
        reassembler.push(fragment);
      },
      ended: () => {
        if (this.session?.link !== link) return;
        this.leave();
        this.advertiseIn(RESTART_MS);
      },
    };
  };

  /** Ends connections, whoever made them, without the other side's knowledge. */
  private vanish(): void {
    this.central.reset();
    this.session?.link.abandon();
    this.leave();
  }

  private leave(): void {
    if (this.session === undefined) return;
    this.session = undefined;
    this.firmware.disconnected();
  }

  private advertiseIn(ms: number): void {
    this.cancelAdvert?.();
    this.cancelAdvert = this.clock.after(ms, this.advertise);
  }

  private readonly advertise = (): void => {
    if (!this.isAvailable || this.central.isBusy) return;
    const meant = this.firmware.advert();
    if (meant === undefined) return;
    const advert = this.behaviours.first(({ onAdvert }) => onAdvert?.(meant)) ?? meant;
    if (advert !== 'silent') {
      this.counters.adverts++;
      this.air.advertise(this, advert);
    }
    this.advertiseIn(meant.intervalMs + this.random.next() * MAX_ADVERTISING_DELAY_MS);
  };

  private answer(server: GattServer, pdu: Uint8Array): void {
    const instead = this.behaviours.first(({ onRequest }) => onRequest?.(pdu));
    if (instead === undefined) this.sendAtt(server.answer(pdu));
    else for (const response of instead) this.sendAtt(response);
  }

  private take(packet: Uint8Array): void {
    this.counters.requests++;
    const instead = this.behaviours.first(({ onPacket }) => onPacket?.(packet));
    if (instead === undefined) this.firmware.received(packet);
    else instead();
    this.clock.handOver(); // the answer may be made by a promise
  }

  private send(packet: Uint8Array): void {
    const { session } = this;
    if (session?.server.isSubscribed !== true) {
      this.counters.notificationsLost++;
      return;
    }
    const bytes = session.server.notificationBytes;
    const pieces = Array.from({ length: Math.ceil(packet.length / bytes) }, (_, index) =>
      packet.subarray(index * bytes, (index + 1) * bytes),
    );
    const sent = this.behaviours.first(({ onAnswer }) => onAnswer?.(pieces)) ?? pieces;
    for (const piece of sent) this.sendAtt(session.server.notification(piece));
  }

  private sendAtt(pdu: Uint8Array | undefined): void {
    if (pdu === undefined || this.session === undefined) return;
    if (!this.session.link.send(frame(CID.att, pdu))) this.counters.notificationsLost++;
  }
}
