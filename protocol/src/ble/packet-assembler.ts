/**
 * SMP packets out of the values of a GATT characteristic (Zephyr, SMP over Bluetooth; SPEC.md, Bluetooth LE): a packet
 * begins with a value and goes on in the next ones for as long as its header says.
 */
import { concat } from '../bytes.js';
import { FrameError } from '../errors.js';
import { HEADER_BYTES } from '../smp/index.js';
import type { Timers } from '../timers.js';

/** A packet that is not whole this long after its first value is given up. */
export const REASSEMBLY_MS = 5_000;

/** Longest packet that is put together, header included. */
export const MAX_GATT_PACKET_BYTES = 4_096;

export interface PacketAssemblerOptions {
  readonly timers: Timers;
  readonly packet: (packet: Uint8Array) => void;
  /** Values that were no packet: `frame/overlong`, `frame/truncated`. */
  readonly fault: (error: FrameError) => void;
  readonly maxBytes?: number;
}

export class PacketAssembler {
  private held: Uint8Array = new Uint8Array();
  private cancelTimer: (() => void) | undefined;
  private readonly maxBytes: number;

  constructor(private readonly options: PacketAssemblerOptions) {
    this.maxBytes = options.maxBytes ?? MAX_GATT_PACKET_BYTES;
  }

  /** Takes a value as it was notified. */
  push(value: Uint8Array): void {
    if (value.length === 0) return;
    const held = concat(this.held, value);
    const length = lengthOf(held);
    if (
      held.length > this.maxBytes ||
      (length !== undefined && (length > this.maxBytes || held.length > length))
    ) {
      this.reset();
      const detail = { received: held.length, length, allowed: this.maxBytes };
      this.options.fault(new FrameError('frame/overlong', 'more bytes than the packet may have', detail));
    } else if (held.length === length) {
      this.reset();
      this.options.packet(held);
    } else {
      this.held = held;
      this.cancelTimer ??= this.options.timers.after(REASSEMBLY_MS, () => {
        this.giveUp();
      });
    }
  }

  /** Forgets what is not whole. */
  reset(): void {
    this.held = new Uint8Array();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private giveUp(): void {
    const detail = { received: this.held.length, length: lengthOf(this.held) };
    this.reset();
    this.options.fault(
      new FrameError('frame/truncated', `a packet was not whole within ${REASSEMBLY_MS} ms`, detail),
    );
  }
}

function lengthOf(held: Uint8Array): number | undefined {
  const [, , high, low] = held;
  return high === undefined || low === undefined ? undefined : HEADER_BYTES + high * 256 + low;
}
