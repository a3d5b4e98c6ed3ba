/** What can be plugged into a simulated line. */
import type { Timers } from '@timeband/protocol';

export interface LineDevice {
  readonly id: string;
  readonly timers: Timers;
  /** Bytes that arrived over the line. */
  readonly receive: (bytes: Uint8Array) => void;
  /** Says where bytes go that leave over the line. */
  readonly connect: (write: (bytes: Uint8Array) => void) => void;
  /** The other side is gone. */
  readonly disconnect: () => void;
}
