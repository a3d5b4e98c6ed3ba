/**
 * Behaviours: ways in which a band deviates from what its firmware and its stack would do. Each hook sees what passes
 * and either leaves it alone (undefined) or says what happens instead; the behaviour installed last is asked first.
 */
import type { Random } from '../../random.js';
import type { Fragment } from '../link-layer/ends.js';
import type { BandAdvert } from './firmware.js';

export interface BandBehaviour {
  /** An advert before it is sent: another in its place, or none this time. */
  readonly onAdvert?: (advert: BandAdvert) => BandAdvert | 'silent' | undefined;
  /** A connection request. */
  readonly onJoin?: () => 'ignore' | undefined;
  /** A request of the attribute protocol before the server sees it: what is answered. */
  readonly onRequest?: (pdu: Uint8Array) => readonly Uint8Array[] | undefined;
  /** A client turned notifications on. */
  readonly onSubscribed?: () => (() => void) | undefined;
  /** An SMP packet before the firmware sees it: what is done in its place. */
  readonly onPacket?: (packet: Uint8Array) => (() => void) | undefined;
  /** The pieces of an SMP answer, one a notification, before they are sent. */
  readonly onAnswer?: (pieces: readonly Uint8Array[]) => readonly Uint8Array[] | undefined;
  /** Share of its packets that are lost, adverts included. */
  readonly lossRate?: number;
  /** Largest MTU that it agrees to. */
  readonly mtu?: number;
  /** Most payload of a data PDU. */
  readonly dataOctets?: number;
}

/** What a behaviour can make a band do. */
export interface BandControl {
  readonly reboot: () => void;
  readonly disconnect: () => void;
  /** Falls silent for so long in the middle of a connection: the other side notices by its time-out. */
  readonly vanish: (ms: number) => void;
  /** Hands a packet to the firmware after all, later. */
  readonly handLater: (packet: Uint8Array, ms: number) => void;
  /** A notification of the SMP characteristic. */
  readonly notify: (value: Uint8Array) => void;
  /** The payload of a data PDU as it is. */
  readonly sendFragment: (fragment: Fragment) => void;
  readonly fillFlash: () => void;
  /** The advert of some other band in the air, if there is one. */
  readonly neighbour: () => BandAdvert | undefined;
}

export interface BandFaultContext {
  readonly band: BandControl;
  readonly random: Random;
}

export interface BandFault {
  /** One line for `--list-faults`. */
  readonly description: string;
  readonly create: (context: BandFaultContext) => BandBehaviour;
}

/** The behaviours installed in one band. */
export class BandBehaviours {
  private installed: readonly BandBehaviour[] = [];

  prepend(behaviour: BandBehaviour): void {
    this.installed = [behaviour, ...this.installed];
  }

  clear(): void {
    this.installed = [];
  }

  /** What the first behaviour says that says anything. */
  first<Result>(ask: (behaviour: BandBehaviour) => Result | undefined): Result | undefined {
    for (const behaviour of this.installed) {
      const result = ask(behaviour);
      if (result !== undefined) return result;
    }
    return undefined;
  }
}
