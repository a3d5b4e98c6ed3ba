/**
 * What aedes keeps beside its connections, on disk: the contract of the asynchronous aedes-persistence 11 over the gateway's
 * database. What it returns a promise for is on disk when that resolves. On the way of a message nothing waits in
 * here: aedes hands messages to the exchange (exchange.ts) before it does anything else with them.
 */
import { Readable } from 'node:stream';
import type { AedesPublishPacket, Subscription } from 'aedes';
import type { GroupCommit } from '../queue/group-commit.js';
import type { Incoming, IncomingPacket } from './incoming.js';
import { Outgoing, type OutgoingPacket, type Update } from './outgoing.js';
import type { RetainedMessage, RetainedMessages } from './retained.js';
import type { SessionStore } from './session-store.js';
import type { Will, WillOwner, Wills } from './wills.js';

interface ClientKey {
  readonly id: string;
}

interface Identified {
  readonly messageId?: number | undefined;
}

/** A session that is sent what waits for it by a lane of its own. */
export interface LiveSession {
  /** Whether it was there before its connection. */
  readonly isResumed: () => boolean;
  readonly accepts: (filter: string) => boolean;
  readonly acknowledge: (messageId: number) => void;
  /** QoS 2: the client has the message. Resolves when that is on disk. */
  readonly received: (messageId: number) => Promise<void>;
}

export interface AedesPersistenceOptions {
  readonly sessions: SessionStore;
  readonly retained: RetainedMessages;
  readonly incoming: Incoming;
  readonly wills: Wills;
  readonly commits: GroupCommit;
  /** Of a client that is connected to this broker. */
  readonly live: (client: ClientKey) => LiveSession | undefined;
}

/** Says that there is a session where there is no subscription to show for it: aedes would say in CONNACK that there is none. */
export const PRESENT: Subscription = { topic: '$session', qos: 0 };

export class AedesPersistence {
  readonly broker = { id: '' };
  private readonly outgoing: Outgoing;

  constructor(private readonly options: AedesPersistenceOptions) {
    this.outgoing = new Outgoing(options.sessions, options.commits);
  }

  /** aedes insists that this is an AsyncFunction. */
  async setup(broker: { id: string }): Promise<void> {
    await Promise.resolve();
    // aedes may be given another id later, as tests do.
    Object.defineProperty(this.broker, 'id', { get: () => broker.id });
    Object.defineProperty(this, 'broker', { value: broker });
  }

  destroy(): Promise<void> {
    this.options.commits.flush();
    return Promise.resolve();
  }

  storeRetained(packet: RetainedMessage): Promise<void> {
    return this.options.commits.write(() => this.options.retained.put({ ...packet }));
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.options.retained.matching(filters));
  }

  /** aedes names those here too that were refused. */
  async addSubscriptions(client: ClientKey, subscriptions: readonly Subscription[]): Promise<void> {
    const live = this.options.live(client);
    const granted = live ? subscriptions.filter(({ topic }) => live.accepts(topic)) : subscriptions;
    await this.options.sessions.subscribe(this.options.sessions.ensure(client.id), granted);
  }

  async removeSubscriptions({ id }: ClientKey, filters: readonly string[]): Promise<void> {
    const session = this.options.sessions.get(id);
    if (session !== undefined) await this.options.sessions.unsubscribe(session, filters);
  }

  subscriptionsByClient(client: ClientKey): Promise<Subscription[]> {
    const session = this.options.sessions.get(client.id);
    const list = [...(session?.subscriptions.values() ?? [])].map((subscription) => ({ ...subscription }));
    const isResumed = list.length === 0 && this.options.live(client)?.isResumed() === true;
    return Promise.resolve(isResumed ? [PRESENT] : list);
  }

  subscriptionsByTopic(topic: string): Promise<(Subscription & { clientId: string })[]> {
    return Promise.resolve(this.options.sessions.subscribersOf(topic));
  }

  async cleanSubscriptions({ id }: ClientKey): Promise<void> {
    const session = this.options.sessions.get(id);
    if (session === undefined) return;
    await this.options.sessions.unsubscribe(session, [...session.subscriptions.keys()]);
  }

  getClientList(filter: string): Readable {
    const having = [...this.options.sessions.all()].filter((session) => session.subscriptions.has(filter));
    return Readable.from(having.map(({ key }) => key));
  }

  countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const sessions = [...this.options.sessions.all()].filter(({ subscriptions }) => subscriptions.size > 0);
    const kept = sessions.flatMap((session) =>
      [...session.subscriptions.values()].filter(({ qos }) => qos > 0),
    );
    return Promise.resolve({ subsCount: kept.length, clientsCount: sessions.length });
  }

  outgoingEnqueue({ clientId }: { clientId: string }, packet: AedesPublishPacket): Promise<void> {
    return this.outgoing.enqueue(clientId, packet);
  }

  async outgoingEnqueueCombi(
    subscribers: readonly { clientId: string }[],
    packet: AedesPublishPacket,
  ): Promise<void> {
    await Promise.all(subscribers.map(({ clientId }) => this.outgoing.enqueue(clientId, packet)));
  }

  /** A PUBREC came in, of which PUBREL tells the client to forget; that is on disk before. */
  async outgoingUpdate(client: ClientKey, packet: Update): Promise<void> {
    const live = this.options.live(client);
    if (live === undefined) await this.outgoing.update(client.id, packet);
    else if (packet.messageId !== undefined) await live.received(packet.messageId);
  }

  /** A PUBACK or PUBCOMP came in. */
  outgoingClearMessageId(client: ClientKey, { messageId }: Identified): Promise<OutgoingPacket | undefined> {
    const live = this.options.live(client);
    if (live === undefined) return Promise.resolve(this.outgoing.clear(client.id, messageId));
    if (messageId !== undefined) live.acknowledge(messageId);
    return Promise.resolve(undefined);
  }

  /** Nothing for a session with a lane, which sends it. */
  outgoingStream(client: ClientKey): Readable {
    return Readable.from(this.options.live(client) === undefined ? this.outgoing.all(client.id) : []);
  }

  incomingStorePacket({ id }: ClientKey, packet: IncomingPacket): Promise<void> {
    const { cmd, topic, payload, qos, retain, dup, messageId = 0 } = packet;
    const kept = { cmd, topic, payload, qos, retain, dup };
    return this.options.commits.write(this.options.incoming.put(id, messageId, kept));
  }

  incomingGetPacket({ id }: ClientKey, { messageId = 0 }: Identified): Promise<IncomingPacket> {
    const packet = this.options.incoming.get(id, messageId);
    return packet === undefined
      ? Promise.reject(new Error(`no packet ${messageId} from ${id}`))
      : Promise.resolve({ ...packet, messageId });
  }

  /** On disk before PUBCOMP: else an identifier that the client uses anew would count as a repetition after a restart. */
  incomingDelPacket({ id }: ClientKey, { messageId = 0 }: Identified): Promise<void> {
    return this.options.commits.write(this.options.incoming.remove(id, messageId));
  }

  cleanIncoming({ id }: ClientKey): Promise<void> {
    return this.options.commits.write(this.options.incoming.clear(id));
  }

  putWill(client: WillOwner, will: Will): Promise<void> {
    const left = { clientId: client.id, brokerId: this.broker.id, will, client };
    return this.options.commits.write(this.options.wills.put(left));
  }

  getWill({ id }: ClientKey): Promise<Will | undefined> {
    return Promise.resolve(this.options.wills.get(id)?.will);
  }

  /**
   * A will is void. aedes also says so by its id alone when a connection has ended, and then another may have taken over
   * and left its own, which stays. Never rejects, since aedes handles no failure of this: the will is void in memory all the
   * same, and the transaction's failure was reported.
   */
  async delWill(client: WillOwner): Promise<Will | undefined> {
    const left = this.options.wills.get(client.id);
    if (left === undefined) return undefined;
    const isOfAnother = left.client !== undefined && left.client !== client && left.client.closed === false;
    if (isOfAnother && !('closed' in client)) return undefined;
    await this.options.commits.write(this.options.wills.remove(client.id)).catch(() => undefined);
    return left.will;
  }

  streamWill(brokers: Readonly<Record<string, number>> = {}): Readable {
    const orphaned = this.options.wills.all().filter(({ brokerId }) => brokers[brokerId] === undefined);
    return Readable.from(orphaned.map(({ clientId, brokerId, will }) => ({ ...will, clientId, brokerId })));
  }
}
