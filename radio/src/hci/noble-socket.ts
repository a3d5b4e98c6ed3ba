/**
 * noble behind our driver. noble makes its socket from a class that the driver package gives it by name; that one
 * function is wrapped before noble loads, and nothing of noble itself is changed.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Noble } from '@stoprocent/noble';
import { loadDrivers } from '../port/drivers.js';

/** The socket that noble's HCI expects: H4 packets, type byte included, both ways. */
export class NobleSocket extends EventEmitter {
  constructor(private readonly send: (packet: Uint8Array) => void) {
    super();
  }

  bindUser(): void {
    // the port is open already
  }

  start(): void {
    // so it is
  }

  stop(): void {
    // it is closed by who opened it
  }

  write(packet: Uint8Array): void {
    this.send(packet);
  }

  /** Hands a packet of the controller's to noble. */
  deliver(packet: Uint8Array): void {
    this.emit('data', Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength));
  }
}

const require = createRequire(import.meta.url);

interface NobleModule {
  readonly withBindings: (type: 'hci', options: object) => Noble;
}

const DRIVER = 'timeband';

/** The socket that the next noble gets. */
let next: NobleSocket | undefined;
let noble: NobleModule | undefined;

function loadNoble(): NobleModule {
  const drivers = loadDrivers();
  const { loadDriver } = drivers;
  drivers.loadDriver = (type) => (type === DRIVER ? takeNext : loadDriver(type));
  return require('@stoprocent/noble') as NobleModule;
}

/** A constructor that returns the socket which is there already. */
const takeNext = function (): NobleSocket {
  if (next === undefined) throw new Error('noble asked for a socket out of turn');
  const socket = next;
  next = undefined;
  return socket;
};

/** A noble of its own on this socket. It powers on when something listens for its `stateChange`. */
export function nobleOn(socket: NobleSocket): Noble {
  noble ??= loadNoble();
  next = socket;
  // The user channel is what our port is: ours alone. noble then needs no polling and sets no filter.
  const options = { hciDriver: DRIVER, userChannel: true, extended: false, codedPhy: false };
  return noble.withBindings('hci', options);
}
