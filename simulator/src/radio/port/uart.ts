/** A controller's UART: both directions at the pace of its baud rate, on the clock of the simulation. */
import { PacedLine } from '../../uart/pacing.js';
import type { EventClock } from '../clock.js';
import type { Controller, HostLine } from '../controller.js';

export const DEFAULT_BAUD = 1_000_000;

/** Where the controller's bytes come out. */
export interface HostSide {
  readonly write: (bytes: Uint8Array) => void;
  /** Bytes written that the host has not taken. */
  readonly unread: () => number;
}

export class Uart {
  readonly controller: Controller;
  private readonly toController: PacedLine;
  private readonly toHost: PacedLine;

  /** @param baud bits per second, 0 for unpaced */
  constructor(
    clock: EventClock,
    baud: number,
    host: HostSide,
    createController: (line: HostLine) => Controller,
  ) {
    this.toHost = new PacedLine(baud, clock, host.write);
    this.controller = createController({
      write: (packet) => {
        this.toHost.push(packet);
      },
      backlog: () => this.toHost.queuedBytes + host.unread(),
    });
    this.toController = new PacedLine(baud, clock, this.controller.receive);
  }

  /** Bytes that the host put on the line. */
  receive(bytes: Uint8Array): void {
    this.toController.push(bytes);
  }

  /** Forgets what is on its way. */
  clear(): void {
    this.toController.clear();
    this.toHost.clear();
  }

  /** Bytes lost because too many were waiting. */
  get dropped(): number {
    return this.toController.dropped + this.toHost.dropped;
  }
}
