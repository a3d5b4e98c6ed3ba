/**
 * The kernel's Bluetooth sockets of this process. Their addon closes a descriptor when the socket is garbage collected:
 * one that could not be bound only then, and one that was stopped once more, when its number may be somebody else's. So
 * the first kind is used again, and the second is never let go of.
 */
import type { EventEmitter } from 'node:events';
import type { BluetoothHciSocket } from '@stoprocent/bluetooth-hci-socket';
import { nativeSocket } from './drivers.js';

/** It emits `data` with a packet, type byte included, and `error`. */
export type NativeSocket = Pick<EventEmitter, 'on' | 'removeAllListeners'> &
  Pick<BluetoothHciSocket, 'bindUser' | 'start' | 'stop' | 'write'>;

export class NativeSockets {
  private unbound: NativeSocket | undefined;
  /** One for every time that an adapter was opened, some hundred bytes each. */
  private readonly stopped: NativeSocket[] = [];

  constructor(private readonly make: () => NativeSocket = nativeSocket) {}

  /** A socket that nobody listens to and that is not bound. @throws RadioFailure */
  take(): NativeSocket {
    const socket = this.unbound ?? this.make();
    this.unbound = undefined;
    return socket;
  }

  /** Takes one back that could not be bound. */
  giveBack(socket: NativeSocket): void {
    socket.removeAllListeners();
    this.unbound = socket;
  }

  /** Lets go of the adapter. It takes up to a second, in which nothing else happens. */
  stop(socket: NativeSocket): void {
    socket.removeAllListeners();
    socket.stop();
    this.stopped.push(socket);
  }
}
