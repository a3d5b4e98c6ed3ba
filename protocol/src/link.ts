/**
 * The one contract of a link that carries SMP packets, whatever is below it: serial, BLE or memory.
 *
 * Guarantees:
 * - packets arrive whole, checked and in order, or not at all; what could not be delivered is a `fault`;
 * - nothing is delivered before `start` and nothing after `closed`;
 * - `closed` comes exactly once, with the reason when it was not asked for;
 * - `send` never blocks: a peer that does not read is noticed by the request's time-out.
 */
import type { TimebandError } from './errors.js';

export interface LinkHandlers {
  /** A whole SMP packet, header included. */
  readonly packet: (packet: Uint8Array) => void;
  /** Bytes that were no packet. The link goes on. */
  readonly fault: (error: TimebandError) => void;
  readonly closed: (reason?: Error) => void;
}

/** What is below a link's framing, for whoever looks at how a device takes its bytes and lays out its own. */
export interface RawLine {
  /** Puts bytes on the line as they are. @throws LinkError `link/closed` */
  readonly write: (bytes: Uint8Array) => void;
  /** Calls `seen` with everything that comes in, before it is deframed, until the link is closed. */
  readonly watch: (seen: (bytes: Uint8Array) => void) => void;
}

export interface Link {
  /** What to call it in a log line. */
  readonly name: string;
  /** Absent where packets travel without framing, as on the radio. */
  readonly line?: RawLine | undefined;
  readonly start: (handlers: LinkHandlers) => void;
  /** @throws LinkError `link/closed` */
  readonly send: (packet: Uint8Array) => void;
  /** Idempotent; resolves when the transport is released. */
  readonly close: () => Promise<void>;
}
