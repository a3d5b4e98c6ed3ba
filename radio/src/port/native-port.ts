/**
 * A built-in adapter or a USB dongle that the Linux kernel drives, taken over whole through its HCI user channel: the
 * kernel's own Bluetooth does not see it meanwhile. Binding takes CAP_NET_ADMIN, and an adapter that is down.
 */
import { RadioFailure, type RadioFailureCode } from '../failure.js';
import { ADAPTERS, isListed } from './adapters.js';
import { type NativeSocket, NativeSockets } from './native-sockets.js';
import type { HciPort, HciPortHandlers } from './port.js';

const ofThisProcess = new NativeSockets();

export class NativeHciPort implements HciPort {
  readonly name: string;
  private socket: NativeSocket | undefined;

  /** @param adapter its number: 0 for hci0 */
  constructor(
    private readonly adapter: number,
    private readonly sockets = ofThisProcess,
    private readonly adapters = ADAPTERS,
  ) {
    this.name = `hci${adapter}`;
  }

  readonly open = (handlers: HciPortHandlers): Promise<void> => {
    try {
      this.bind(handlers);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof RadioFailure ? error : this.failure(error, OPENING));
    }
  };

  readonly write = (packet: Uint8Array): void => {
    this.socket?.write(Buffer.from(packet));
  };

  readonly close = (): Promise<void> => {
    const { socket } = this;
    this.socket = undefined;
    if (socket !== undefined) this.sockets.stop(socket);
    return Promise.resolve();
  };

  private bind(handlers: HciPortHandlers): void {
    if (!isListed(this.name, this.adapters))
      throw new RadioFailure('radio/not-found', `the kernel has no adapter ${this.name}`);
    const socket = this.sockets.take();
    // The addon throws some of its errors and emits the others.
    const refusals: unknown[] = [];
    socket.on('error', (error: unknown) => {
      refusals.push(error);
      if (this.socket === socket && refusals.length === 1) handlers.failed(this.failure(error, IN_USE));
    });
    socket.on('data', (packet: Uint8Array) => {
      if (this.socket === socket) handlers.packet(new Uint8Array(packet));
    });
    try {
      socket.bindUser(this.adapter);
    } catch (error) {
      refusals.push(error);
    }
    if (refusals.length > 0) {
      this.sockets.giveBack(socket);
      throw this.failure(refusals[0], OPENING);
    }
    socket.start();
    this.socket = socket;
  }

  private failure(error: unknown, reasons: Reasons): RadioFailure {
    const message = error instanceof Error ? error.message : String(error);
    const code = reasons.find(([words]) => words.test(message))?.[1] ?? 'radio/port';
    return new RadioFailure(code, `${this.name}: ${message}`);
  }
}

/** What an error means. The addon tells all in the C library's words, and few by their number. */
type Reasons = readonly (readonly [words: RegExp, code: RadioFailureCode])[];

const OPENING: Reasons = [
  [/not permitted|permission/i, 'radio/permission'],
  [/no such device|address family/i, 'radio/not-found'],
  [/rf-?kill|network is down/i, 'radio/off'],
  [/busy|too many users/i, 'radio/busy'],
];

/** When a packet cannot be written any more: the kernel has unregistered the adapter, or is about to. */
const IN_USE: Reasons = [[/no such device|network is down|bad state|broken pipe/i, 'radio/unplugged']];
