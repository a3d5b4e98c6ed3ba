/**
 * What aedes keeps beside its connections, in memory and bounded: the subscriptions of durable sessions, retained
 * state, and of each state topic the newest message that a durable session has not acknowledged. State, and hints that nobody
 * keeps, are all that aedes publishes here; events have their own way (event-pump.ts), and the PUBACKs for them are passed on to it.
 * The methods are those that aedes calls on an asynchronous aedes-persistence 11.
 */
import { Readable } from 'node:stream';
import type { AedesPublishPacket, Client, Subscription } from 'aedes';
import { LAST_ID } from './send-window.js';
import type { Sessions } from './session.js';
import { intersects } from './topic-filter.js';

interface Identified {
  readonly messageId?: number | undefined;
}

type ClientKey = Pick<Client, 'id'>;

const DONE = Promise.resolve();
const NOTHING = Promise.resolve(undefined);

export class BrokerPersistence {
  private readonly retained = new Map<string, AedesPublishPacket>();

  constructor(private readonly sessions: Sessions) {}

  /** aedes insists that this is an AsyncFunction. */
  async setup(): Promise<void> {
    await DONE;
  }

  storeRetained(packet: AedesPublishPacket): Promise<void> {
    if (packet.payload.length === 0) this.retained.delete(packet.topic);
    else this.retained.set(packet.topic, { ...packet });
    return DONE;
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const matching = [...this.retained.values()].filter(({ topic }) =>
      filters.some((f) => intersects(f, topic)),
    );
    return Readable.from(matching);
  }

  /** Granted subscriptions are recorded when they are authorised; aedes names the refused ones here too. */
  addSubscriptions(): Promise<void> {
    return DONE;
  }

  removeSubscriptions(client: Client, filters: readonly string[]): Promise<void> {
    const session = this.sessions.of(client);
    for (const filter of filters) session?.subscriptions.revoke(filter);
    return DONE;
  }

  /** aedes asks for these before a client that wants its old session is connected. */
  subscriptionsByClient({ id }: ClientKey): Promise<Subscription[]> {
    return Promise.resolve([...(this.sessions.get(id)?.subscriptions.list() ?? [])]);
  }

  /** Durable sessions to queue a state message for. */
  subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: 1 }[]> {
    const subscribers: { clientId: string; topic: string; qos: 1 }[] = [];
    for (const [clientId, { durable, subscriptions }] of this.sessions.entries()) {
      if (durable && subscriptions.qosFor(topic) === 1) subscribers.push({ clientId, topic, qos: 1 });
    }
    return Promise.resolve(subscribers);
  }

  /** A clean session starts with none anyway. */
  cleanSubscriptions(): Promise<void> {
    return DONE;
  }

  outgoingEnqueueCombi(
    subscribers: readonly { clientId: string }[],
    packet: AedesPublishPacket,
  ): Promise<void> {
    if (!packet.retain) return DONE; // a hint, for whoever is there
    for (const { clientId } of subscribers) {
      // To a subscriber that was there all the time it is no retained message (MQTT 3.1.1 §3.3.1.3).
      this.sessions.get(clientId)?.pendingState.set(packet.topic, { ...packet, retain: false });
    }
    return DONE;
  }

  outgoingEnqueue(subscriber: { clientId: string }, packet: AedesPublishPacket): Promise<void> {
    return this.outgoingEnqueueCombi([subscriber], packet);
  }

  /** Notes the identifier that a queued message went out with; for a PUBREL there is nothing to note below QoS 2. */
  outgoingUpdate(client: Client, packet: AedesPublishPacket): Promise<void> {
    const queued = this.sessions.of(client)?.pendingState.get(packet.topic);
    if (packet.messageId !== undefined && queued?.brokerCounter === packet.brokerCounter) {
      queued.messageId = packet.messageId;
    }
    return DONE;
  }

  /** A PUBACK came in. */
  outgoingClearMessageId(client: Client, { messageId }: Identified): Promise<AedesPublishPacket | undefined> {
    const session = this.sessions.of(client);
    if (session === undefined || messageId === undefined) return NOTHING;
    if (messageId <= LAST_ID) {
      session.delivery?.acknowledge(messageId);
      return NOTHING;
    }
    for (const [topic, packet] of session.pendingState) {
      if (packet.messageId !== messageId) continue;
      session.pendingState.delete(topic);
      return Promise.resolve(packet);
    }
    return NOTHING;
  }

  /** What a session that is resumed has not acknowledged, under the identifiers it was sent with. */
  outgoingStream(client: Client): Readable {
    const pending = [...(this.sessions.of(client)?.pendingState.values() ?? [])];
    return Readable.from(pending.map((packet) => ({ ...packet, dup: packet.messageId !== undefined })));
  }

  incomingStorePacket(): Promise<void> {
    return Promise.reject(new Error('no client may publish, so nothing comes in'));
  }

  incomingGetPacket(): Promise<never> {
    return Promise.reject(new Error('no such packet'));
  }

  incomingDelPacket(): Promise<void> {
    return DONE;
  }

  cleanIncoming(): Promise<void> {
    return DONE;
  }

  /** Clients with a will are refused, so that there is never one to keep. */
  putWill(): Promise<void> {
    return DONE;
  }

  delWill(): Promise<void> {
    return DONE;
  }

  streamWill(): Readable {
    return Readable.from([]);
  }
}
