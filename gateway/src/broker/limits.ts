/** How much the broker does for one client, so that none can take what all others need. */
import type { RingLimits } from './delivery/event-ring.js';
import type { QueueLimits } from './queue/mailbox.js';

export interface BrokerLimits {
  readonly ring: RingLimits;
  /** Messages of QoS 1 and 2 of a session under way at once, of events and of others each. */
  readonly window: number;
  /** A socket that holds more unsent bytes gets nothing new. */
  readonly maxBuffered: number;
  /** Events read at once for a session. */
  readonly page: number;
  /** A subscriber that is waited for this long is disconnected. */
  readonly stallMs: number;
  /** After this long of sending the other work of the process has its turn. */
  readonly turnMs: number;
  /** What waits for a session. */
  readonly queue: QueueLimits;
  /** Of one packet from a client. */
  readonly packetBytes: number;
  /** Topic filters of a session. */
  readonly subscriptions: number;
  /** Messages that a client may publish in a second; more have to wait. */
  readonly publishPerSecond: number;
  /** Messages of QoS 2 of a client that it has not released. */
  readonly incoming: number;
  /** Topics with a retained message that clients published. */
  readonly retained: number;
  /** A durable session is forgotten when its client has not been here for so long. */
  readonly sessionDays: number;
}

export const BROKER_LIMITS: BrokerLimits = {
  ring: { events: 2_048, bytes: 2 * 1024 * 1024 },
  window: 512,
  maxBuffered: 256 * 1024,
  page: 256,
  stallMs: 60_000,
  turnMs: 10,
  queue: { messages: 100_000, bytes: 64 * 1024 * 1024 },
  packetBytes: 64 * 1024,
  subscriptions: 50,
  publishPerSecond: 1_000,
  incoming: 1_000,
  retained: 10_000,
  sessionDays: 30,
};
