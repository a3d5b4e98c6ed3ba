/** The host's end of a controller's line without any terminal: the same bytes, in virtual time. */
import type { EventClock } from '../clock.js';
import type { Controller, HostLine } from '../controller.js';
import { DEFAULT_BAUD, Uart } from './uart.js';

export class MemoryPort {
  /** Takes the controller's bytes. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  private readonly uart: Uart;

  constructor(clock: EventClock, createController: (line: HostLine) => Controller, baud = DEFAULT_BAUD) {
    const write = (bytes: Uint8Array): void => {
      this.onData?.(bytes);
      clock.handOver();
    };
    this.uart = new Uart(clock, baud, { write, unread: () => 0 }, createController);
  }

  get controller(): Controller {
    return this.uart.controller;
  }

  /** Puts the host's bytes on the line. */
  write(bytes: Uint8Array): void {
    this.uart.receive(bytes);
  }
}
