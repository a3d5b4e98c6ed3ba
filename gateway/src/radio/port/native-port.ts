/** A built-in adapter or a USB dongle that the Linux kernel drives, taken over whole through its HCI user channel. */
import type { BluetoothHciSocket } from '@stoprocent/bluetooth-hci-socket';
import { RadioFailure, type RadioFailureCode } from '../failure.js';
import { nativeSocket } from './drivers.js';
import type { HciPort, HciPortHandlers } from './port.js';

export class NativeHciPort implements HciPort {
  readonly name: string;
  private socket: BluetoothHciSocket | undefined;

  /** @param adapter its number: 0 for hci0 */
  constructor(private readonly adapter: number) {
    this.name = `hci${adapter}`;
  }

  readonly open = (handlers: HciPortHandlers): Promise<void> => {
    let isOpen = false;
    let refused: unknown;
    try {
      const socket = nativeSocket();
      this.socket = socket;
      socket.on('data', (packet) => {
        if (this.socket === socket) handlers.packet(Uint8Array.from(packet));
      });
      socket.on('error', (error) => {
        refused ??= error;
        if (isOpen && this.socket === socket) handlers.failed(this.failure(error));
      });
      socket.bindUser(this.adapter);
      if (refused === undefined) socket.start();
    } catch (error) {
      refused ??= error;
    }
    if (refused === undefined) {
      isOpen = true;
      return Promise.resolve();
    }
    this.socket = undefined;
    return Promise.reject(this.failure(refused));
  };

  readonly write = (packet: Uint8Array): void => {
    this.socket?.write(Buffer.from(packet));
  };

  readonly close = (): Promise<void> => {
    const { socket } = this;
    this.socket = undefined;
    socket?.stop();
    return Promise.resolve();
  };

  private failure(error: unknown): RadioFailure {
    const message = error instanceof Error ? error.message : String(error);
    const errno = error instanceof Error && 'errno' in error ? error.errno : undefined;
    return new RadioFailure(codeOf(errno, message), `${this.name}: ${message}`);
  }
}

/** Numbers of Linux's errors, of which not all have come with a number. */
const ERRNO: Readonly<Record<number, RadioFailureCode>> = {
  1: 'radio/permission', // EPERM
  13: 'radio/permission', // EACCES
  16: 'radio/port', // EBUSY: somebody uses the adapter
  19: 'radio/not-found', // ENODEV
  97: 'radio/not-found', // EAFNOSUPPORT: the kernel has no Bluetooth
  100: 'radio/off', // ENETDOWN
  132: 'radio/off', // ERFKILL
};

function codeOf(errno: unknown, message: string): RadioFailureCode {
  if (typeof errno === 'number') return ERRNO[errno] ?? 'radio/port';
  if (/not permitted|permission/i.test(message)) return 'radio/permission';
  if (/no such device|address family/i.test(message)) return 'radio/not-found';
  return /rf-?kill|network is down/i.test(message) ? 'radio/off' : 'radio/port';
}
