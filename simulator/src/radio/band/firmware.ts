/** What a band's firmware and its radio are to each other: any firmware model can be plugged into a simulated band. */
import type { Timers } from '@timeband/protocol';
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
}

export type FirmwareFactory = (radio: BandRadio) => BandFirmware;
