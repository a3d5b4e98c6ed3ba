/** One of the sources from which a session's connection is fed: events of the log, or messages that were published. */
import type { FrameBatch } from './publish-frame.js';

export interface Lane {
  /** Messages sent and not acknowledged. */
  readonly inFlight: number;
  /** A connection begins: what the last one left unacknowledged goes out again first. */
  readonly attached: () => void;
  readonly detached: () => void;
  /** Adds frames while the batch has room. @returns false when the window is full: the client has to acknowledge first */
  readonly put: (batch: FrameBatch) => boolean;
  /** A PUBACK or PUBCOMP. @returns whether the identifier was waiting for it; each lane has identifiers of its own */
  readonly acknowledge: (id: number) => boolean;
}
