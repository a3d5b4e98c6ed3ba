/** What a band's firmware and its radio are to each other: any firmware model can be plugged into a simulated band. */
import type { Link, Timers } from '@timeband/protocol';
import type { Address } from '../air/address.js';
import type { Advert } from '../air/air.js';

/** One advertising event, and how long until the next (20 to 10,240 ms; up to 10 ms are added at random). */
export interface BandAdvert extends Advert {
  readonly intervalMs: number;
}

export interface BandFirmware {
  /** What the next advertising event sends, asked before every one. Undefined: silent until woken. */
  readonly advert: () => BandAdvert | undefined;
  /** Largest SMP packet that it takes; what is longer never reaches it. */
  readonly maxPacketBytes: number;
  /** A whole SMP packet, header included. */
  readonly received: (packet: Uint8Array) => void;
  readonly connected: () => void;
  readonly disconnected: () => void;
  /** The power was cut: what was only in memory is lost. */
  readonly rebooted: () => void;
  /** Fills the flash with records that nobody has acknowledged. */
  readonly fillFlash?: () => void;
}

/** A band that a central heard. */
export interface HeardAdvert {
  readonly address: Address;
  /** dBm, the mean of what was heard of it. */
  readonly rssi: number;
}

/**
 * The central's part, for a band that looks for another one (SPEC.md, Visit). It does one thing at a time: from a scan's
 * beginning to its end, or until a connection is gone, the band does not advertise, and whatever else is begun is refused.
 */
export interface BandCentral {
  /**
   * Listens for so many milliseconds, to connectable adverts of bands alone.
   * @returns each address once, the strongest first; at most 64
   * @throws LinkError `link/open` when the radio is in use; `link/closed` when the band was switched off meanwhile
   */
  readonly scan: (ms: number) => Promise<readonly HeardAdvert[]>;
  /**
   * Connects, exchanges MTUs and turns notifications on. The link closes with a reason when the peer disconnects or was
   * not heard for 3 s.
   * @throws LinkError `link/open` when that was not done within so many milliseconds, the peer hung up or refused, or the
   *   radio is in use; `link/closed` when the band was switched off meanwhile
   */
  readonly connect: (address: Address, withinMs: number) => Promise<Link>;
}

/** What the radio does for the firmware. */
export interface BandRadio {
  /** The clock on which everything about this band happens. */
  readonly timers: Timers;
  /** Sends a whole SMP packet in notifications. Lost where no client has asked for any. */
  readonly send: (packet: Uint8Array) => void;
  /** What there is to advertise has changed: begins anew at once. */
  readonly wake: () => void;
  /** Ends the connection, if there is one. */
  readonly disconnect: () => void;
  /** The processor starts anew: connections are gone, and nobody is told. Silent until it is woken. */
  readonly switchOff: () => void;
  /** This band's radio in the central's part. */
  readonly central: BandCentral;
}

export type FirmwareFactory = (radio: BandRadio) => BandFirmware;
