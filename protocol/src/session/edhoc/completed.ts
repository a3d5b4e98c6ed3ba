/** What both sides of a completed exchange hold (RFC 9528 §4.1.3). */

export interface Completed<Peer> {
  readonly state: 'completed';
  /** Who proved to be there. */
  readonly peer: Peer;
  /** C_I and C_R. */
  readonly connections: { readonly initiator: Uint8Array; readonly responder: Uint8Array };
  /** The session key, 32 bytes: for the exporter, and never to be kept. */
  readonly prkOut: Uint8Array;
}

/** A step: the state that follows, and the message to send. */
export interface Step<State> {
  readonly next: State;
  readonly message: Uint8Array;
}
