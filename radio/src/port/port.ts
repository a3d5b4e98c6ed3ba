/** Where a controller is reached: a serial line, the kernel, or memory. */
import type { RadioFailure } from '../failure.js';

export interface HciPortHandlers {
  /** A whole HCI packet, type byte included. */
  readonly packet: (packet: Uint8Array) => void;
  /** It is of no use any more. At most once. */
  readonly failed: (failure: RadioFailure) => void;
}

export interface HciPort {
  /** For log lines. */
  readonly name: string;
  /** @throws RadioFailure */
  readonly open: (handlers: HciPortHandlers) => Promise<void>;
  readonly write: (packet: Uint8Array) => void;
  /** Idempotent. No handler is called afterwards. */
  readonly close: () => Promise<void>;
}
