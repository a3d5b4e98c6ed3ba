/** A controller behind a pseudo-terminal, in real time: a host opens it as it would a UART dongle. */
import { PtyPort } from '../../uart/pty.js';
import type { EventClock, RealTime } from '../clock.js';
import type { Controller, HostLine } from '../controller.js';
import { DEFAULT_BAUD, Uart } from './uart.js';

export interface TerminalPortOptions {
  readonly baud?: number;
  /** A symbolic link to keep pointing at the terminal's path. */
  readonly link?: string | undefined;
}

export class TerminalPort {
  private readonly uart: Uart;
  private readonly port: PtyPort;

  /** Plugs it in. @throws Error of the system when no terminal or link can be made */
  constructor(
    clock: EventClock,
    realTime: RealTime,
    createController: (line: HostLine) => Controller,
    { baud = DEFAULT_BAUD, link }: TerminalPortOptions = {},
  ) {
    const write = (bytes: Uint8Array): void => {
      this.port.write(bytes);
    };
    this.uart = new Uart(clock, baud, { write, unread: () => this.port.unread }, createController);
    this.port = new PtyPort({
      link,
      onData: (bytes) => {
        realTime.perform(() => {
          this.uart.receive(bytes);
        });
      },
    });
  }

  get controller(): Controller {
    return this.uart.controller;
  }

  /** The terminal's path; undefined while unplugged. */
  get path(): string | undefined {
    return this.port.path;
  }

  /** Bytes lost because nobody read them. */
  get dropped(): number {
    return this.port.dropped + this.uart.dropped;
  }

  plug(): void {
    this.port.plug();
  }

  /** Pulls the dongle out: it loses its power too. */
  unplug(): void {
    this.port.unplug();
    this.uart.clear();
    this.controller.reboot();
  }
}
