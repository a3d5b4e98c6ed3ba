/**
 * The socket that noble's HCI expects, over a controller in memory. noble itself stays as it ships; only the driver
 * below it, which would open a port, is exchanged before it is loaded.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Noble } from '@stoprocent/noble';
import type { MemoryPort } from '../port/memory-port.js';

const require = createRequire(import.meta.url);

interface Drivers {
  loadDriver: (type: string) => unknown;
}

interface NobleModule {
  withBindings: (type: string, options: object) => Noble;
}

/** noble on a controller in memory. */
export function nobleOn(port: MemoryPort): Noble {
  const drivers = require('@stoprocent/bluetooth-hci-socket') as Drivers;
  drivers.loadDriver = () => MemorySocket;
  MemorySocket.port = port;
  const { withBindings } = require('@stoprocent/noble') as NobleModule;
  return withBindings('hci', { hciDriver: 'uart' });
}

class MemorySocket extends EventEmitter {
  static port: MemoryPort | undefined;
  private readonly port = MemorySocket.port;

  bindRaw(): void {
    if (this.port === undefined) return;
    this.port.onData = (packet) => this.emit('data', Buffer.from(packet));
  }

  setFilter(): void {
    // everything is wanted
  }

  start(): void {
    // there is nothing to open
  }

  stop(): void {
    if (this.port !== undefined) this.port.onData = undefined;
  }

  isDevUp(): boolean {
    return true;
  }

  write(packet: Buffer): void {
    this.port?.write(packet);
  }
}
