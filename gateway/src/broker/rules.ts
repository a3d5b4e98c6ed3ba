/** What a client that is logged in may subscribe to, and when its session begins to be sent something. */
import type { Client, Subscription } from 'aedes';
import type { Logger } from 'pino';
import type { Acl } from './acl.js';
import type { BrokerLimits } from './limits.js';
import type { Counters } from './ports.js';
import type { Session, Sessions } from './session.js';
import { shown } from './shown.js';

export interface RulesOptions {
  readonly sessions: Sessions;
  readonly acl: Acl;
  readonly limits: Pick<BrokerLimits, 'subscriptions'>;
  readonly log: Logger;
  readonly counters: Counters;
}

export class Rules {
  /** A SUBSCRIBE can hold thousands of filters; one log line a session is enough. */
  private readonly warned = new WeakSet<Session>();

  constructor(private readonly options: RulesOptions) {}

  /** @returns what is granted; null is answered with failure in SUBACK */
  subscribe(client: Client, subscription: Subscription): Subscription | null {
    const { sessions, acl, limits, counters, log } = this.options;
    const session = sessions.of(client);
    if (session?.login === undefined) return null;
    const { subscriptions, login } = session;
    const { topic, qos } = subscription;
    const full = subscriptions.size >= limits.subscriptions && !subscriptions.has(topic);
    if (!full && acl.maySubscribe(login, topic)) {
      subscriptions.grant(topic, qos);
      return subscription;
    }
    subscriptions.revoke(topic); // of a resumed session whose account has another role by now
    const cause = full ? 'count' : 'acl';
    counters.count('broker/subscribe-denied', cause);
    if (!this.warned.has(session)) {
      this.warned.add(session);
      const { account, role } = login;
      log.warn(
        { account, role, topic: shown(topic), cause },
        'subscription denied; more of this session are only counted',
      );
    }
    return null;
  }

  /** Begins to send, when the client is ready for it. */
  start(client: Client): void {
    const { sessions, counters, log } = this.options;
    const session = sessions.of(client);
    if (session === undefined) return;
    try {
      sessions.start(session);
    } catch (error) {
      counters.count('broker/cursor-load');
      log.error(
        { err: error, account: session.account },
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
      log.error({ err: error, account: session.account }, 'cannot forget the cursor of a subscriber');
    }
  }
}
