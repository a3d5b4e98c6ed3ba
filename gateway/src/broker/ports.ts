/** What the broker needs from the gateway around it: the event log, a place for cursors, and counters. */

/** An event as subscribers get it. `message` is the payload of its event topic. */
export interface PublishedEvent {
  readonly seq: number;
  readonly type: string;
  readonly message: Uint8Array;
}

/** The durable queue of all sessions: the event log as the store can say it again. */
export interface EventSource {
  /** Sequence number of the newest durable event; 0 before the first. */
  readonly head: number;
  /** Up to `limit` events with `seq > after`, strictly ascending and without gaps. May be slow. */
  read(after: number, limit: number): readonly PublishedEvent[];
}

/** How far a durable session has acknowledged. */
export interface SessionCursor {
  readonly clientId: string;
  readonly account: string;
  /** Every event up to this sequence number is acknowledged. */
  readonly cursor: number;
}

/** Keeps cursors across restarts. Each call is durable when it returns. */
export interface CursorStore {
  load(clientId: string, account: string): number | undefined;
  save(cursors: readonly SessionCursor[]): void;
  remove(clientId: string, account: string): void;
}

/** Counts by name (`layer/cause`), and within it by a detail from a small fixed set. */
export interface Counters {
  count(name: string, detail?: string): void;
}
