/** SMP over GATT as a link (Zephyr, SMP over Bluetooth; SPEC.md, Bluetooth LE), above whatever stack speaks GATT. */
import { LinkError } from '../errors.js';
import type { Link, LinkHandlers } from '../link.js';
import type { Timers } from '../timers.js';
import { PacketAssembler } from './packet-assembler.js';

/** The SMP service and its one characteristic: written without response, notified. */
export const SMP_SERVICE_UUID = '8d53dc1d1db74cd3868b8a527460aa84';
export const SMP_CHARACTERISTIC_UUID = 'da2e7828fbce4e01ae9e261174997c48';

/** Every LE device takes this much (Core, Vol 3, Part G, 5.2.1). */
export const MIN_ATT_MTU = 23;

/** Opcode and handle before a value in a write or a notification. */
const VALUE_HEADER_BYTES = 3;

export interface GattPortHandlers {
  /** The value of a notification. */
  readonly value: (value: Uint8Array) => void;
  /** The connection has ended; with the reason when nobody here asked for it. */
  readonly closed: (reason?: Error) => void;
}

/** The SMP characteristic of a connected peer, notifications turned on. */
export interface GattPort {
  readonly name: string;
  /** The ATT_MTU in force. */
  readonly mtu: number;
  readonly start: (handlers: GattPortHandlers) => void;
  /** Writes without response; values leave in the order of calls. */
  readonly write: (value: Uint8Array) => void;
  /** Disconnects; resolves when the connection is gone. */
  readonly close: () => Promise<void>;
}

export class GattLink implements Link {
  private isClosed = false;
  private assembler: PacketAssembler | undefined;

  constructor(
    private readonly port: GattPort,
    private readonly timers: Timers,
  ) {}

  get name(): string {
    return this.port.name;
  }

  readonly start = (handlers: LinkHandlers): void => {
    const assembler = new PacketAssembler({ ...handlers, timers: this.timers });
    this.assembler = assembler;
    this.port.start({
      value: (value) => {
        if (!this.isClosed) assembler.push(value);
      },
      closed: (reason) => {
        if (this.isClosed) return;
        this.forget();
        handlers.closed(reason);
      },
    });
  };

  /** @throws LinkError `link/closed` */
  readonly send = (packet: Uint8Array): void => {
    if (this.isClosed) throw new LinkError('link/closed', `${this.name} is closed`);
    const most = Math.max(MIN_ATT_MTU, this.port.mtu) - VALUE_HEADER_BYTES;
    for (let at = 0; at < packet.length; at += most) this.port.write(packet.subarray(at, at + most));
  };

  readonly close = (): Promise<void> => this.port.close();

  private forget(): void {
    this.isClosed = true;
    this.assembler?.reset();
  }
}
