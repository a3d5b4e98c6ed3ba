/** What a client that is logged in may do, applied to each thing it does. */
import type { AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes';
import type { Logger } from 'pino';
import type { Acl } from './acl.js';
import type { Counters } from './ports.js';
import type { Session, Sessions } from './session.js';

const MAX_SUBSCRIPTIONS = 50;

/**
 * A socket that is this many bytes behind when state is published is given up. That is above what the event pump
 * fills a socket to, and below where aedes begins to wait for one: a client that does not read delays nobody.
 */
const MAX_BEHIND = 384 * 1024;

export interface RulesOptions {
  readonly sessions: Sessions;
  readonly acl: Acl;
  readonly log: Logger;
  readonly counters: Counters;
}

export class Rules {
  /** A SUBSCRIBE can hold thousands of filters; one log line a session is enough. */
  private readonly warned = new WeakSet<Session>();

  constructor(private readonly options: RulesOptions) {}

  /** @returns the error that ends the connection (MQTT 3.1.1 has no other way to refuse), or nothing */
  publish(
    client: Client | null,
    { topic, retain }: Pick<PublishPacket, 'topic' | 'retain'>,
  ): Error | undefined {
    const { sessions, acl, counters } = this.options;
    const owner = client === null ? undefined : sessions.of(client)?.owner;
    if (owner !== undefined && acl.mayPublish(owner, topic, retain)) return undefined;
    counters.count('broker/publish-denied');
    return new Error(`${owner?.account ?? 'nobody'} may not publish on ${shown(topic)}`);
  }

  /** @returns what is granted; null is answered with failure in SUBACK */
  subscribe(client: Client, subscription: Subscription): Subscription | null {
    const { sessions, acl, counters, log } = this.options;
    const session = sessions.of(client);
    if (session === undefined) return null;
    const { subscriptions, owner } = session;
    const { topic, qos } = subscription;
    const full = subscriptions.size >= MAX_SUBSCRIPTIONS && !subscriptions.has(topic);
    if (!full && acl.maySubscribe(owner, topic)) {
      subscriptions.grant(topic, qos);
      return subscription;
    }
    subscriptions.revoke(topic); // of a resumed session whose account has another role by now
    const cause = full ? 'count' : 'acl';
    counters.count('broker/subscribe-denied', cause);
    if (!this.warned.has(session)) {
      this.warned.add(session);
      const { account, role } = owner;
      log.warn(
        { account, role, topic: shown(topic), cause },
        'subscription denied; more of this session are only counted',
      );
    }
    return null;
  }

  /** A state message on its way to a client: as it may have it, or not at all. */
  forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { sessions, counters, log } = this.options;
    const session = sessions.of(client);
    const granted = session?.subscriptions.qosFor(packet.topic);
    if (session === undefined || granted === undefined) return null;
    const { conn } = client;
    if (conn.writableLength > MAX_BEHIND) {
      counters.count('broker/evicted', 'behind');
      log.warn(
        { account: session.owner.account, bytes: conn.writableLength },
        'a subscriber does not read; disconnected',
      );
      conn.destroy();
      return null;
    }
    // aedes sends retained messages at their own QoS, whatever a wildcard subscription was granted.
    return granted < packet.qos ? { ...packet, qos: granted } : packet;
  }

  /** Begins to send events, when the client is ready for them and wants any. */
  start(client: Client): void {
    const { sessions, counters, log } = this.options;
    const session = sessions.of(client);
    if (session === undefined) return;
    try {
      sessions.start(session);
    } catch (error) {
      counters.count('broker/cursor-load');
      log.error(
        { err: error, account: session.owner.account },
        'no cursor for a subscriber; disconnected, to try again',
      );
      client.conn.destroy();
    }
  }

  unsubscribed(client: Client, filters: readonly string[]): void {
    const { sessions, counters, log } = this.options;
    const session = sessions.of(client);
    if (session === undefined) return;
    try {
      for (const filter of filters) session.subscriptions.revoke(filter);
      sessions.unsubscribed(session);
    } catch (error) {
      counters.count('broker/cursor-remove');
      log.error({ err: error, account: session.owner.account }, 'cannot forget the cursor of a subscriber');
    }
  }
}

/** A client's topic can be 64 KB long; a log line shows its beginning. */
function shown(topic: string): string {
  return topic.length > 100 ? `${topic.slice(0, 100)}…` : topic;
}
