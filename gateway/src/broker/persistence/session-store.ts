/**
 * Durable sessions as they are on disk, in memory too: their subscriptions, and the mailboxes of what waits for them. What is
 * changed is on disk when the promise resolves.
 */
import type { Subscription } from 'aedes';
import type { MqttTables } from '../../store/index.js';
import type { GroupCommit } from '../queue/group-commit.js';
import { Mailbox, type MailboxDisk, type QueueLimits } from '../queue/mailbox.js';
import { hasWildcard, matches } from '../topic-filter.js';

export interface StoredSession {
  readonly id: number;
  /** Account and client id. */
  readonly key: string;
  /** When it last had a connection, Unix seconds. */
  seen: number;
  readonly subscriptions: Map<string, Subscription>;
  readonly mailbox: Mailbox;
}

export interface SessionStoreOptions {
  readonly tables: MqttTables;
  readonly commits: GroupCommit;
  readonly limits: QueueLimits;
  /** A message that was not on disk had to be dropped. */
  readonly dropped: () => void;
  /** Unix seconds. */
  readonly wallClock: () => number;
}

export class SessionStore {
  private readonly byKey = new Map<string, StoredSession>();
  private lastId = 0;

  constructor(private readonly options: SessionStoreOptions) {
    const { tables } = options;
    const byId = new Map<number, StoredSession>();
    for (const { id, client, seen } of tables.sessions()) {
      const session = this.make(id, client, seen);
      byId.set(id, session);
      this.byKey.set(client, session);
    }
    for (const { session, filter, qos, options: rest } of tables.subscriptions()) {
      const extra = JSON.parse(rest) as Omit<Subscription, 'topic' | 'qos'>;
      byId.get(session)?.subscriptions.set(filter, { topic: filter, qos: qos as 0 | 1 | 2, ...extra });
    }
    for (const total of tables.queueTotals()) byId.get(total.session)?.mailbox.restore(total);
  }

  get(key: string): StoredSession | undefined {
    return this.byKey.get(key);
  }

  all(): Iterable<StoredSession> {
    return this.byKey.values();
  }

  /** The session of a client; a new one if there is none. */
  ensure(key: string): StoredSession {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const { tables, commits, wallClock } = this.options;
    const session = this.make(this.lastId + 1, key, Math.floor(wallClock()));
    this.byKey.set(key, session);
    commits.add(() => {
      tables.insertSession({ id: session.id, client: key, seen: session.seen });
      return undefined;
    });
    return session;
  }

  /** It has a connection, or had one until now. */
  touch(session: StoredSession): void {
    session.seen = Math.floor(this.options.wallClock());
    this.options.commits.addLazily(() => {
      this.options.tables.touchSession(session.id, session.seen);
      return undefined;
    });
  }

  remove(key: string): Promise<void> {
    const session = this.byKey.get(key);
    if (session === undefined) return Promise.resolve();
    this.byKey.delete(key);
    return this.options.commits.write(() => {
      this.options.tables.removeSession(session.id);
      return undefined;
    });
  }

  subscribe(session: StoredSession, subscriptions: readonly Subscription[]): Promise<void> {
    for (const subscription of subscriptions) {
      session.subscriptions.set(subscription.topic, { ...subscription });
    }
    return this.options.commits.write(() => {
      for (const { topic: filter, qos, ...rest } of subscriptions) {
        const row = { session: session.id, filter, qos, options: JSON.stringify(rest) };
        this.options.tables.putSubscription(row);
      }
      return undefined;
    });
  }

  unsubscribe(session: StoredSession, filters: readonly string[]): Promise<void> {
    for (const filter of filters) session.subscriptions.delete(filter);
    return this.options.commits.write(() => {
      for (const filter of filters) this.options.tables.removeSubscription(session.id, filter);
      return undefined;
    });
  }

  /** QoS 2: on disk that the client has a message. */
  release(session: StoredSession, position: number): Promise<void> {
    return this.options.commits.write(() => {
      this.options.tables.release(session.id, position);
      return undefined;
    });
  }

  /** Who has to be kept a message on this topic; those with wildcards first. */
  subscribersOf(topic: string): (Subscription & { readonly clientId: string })[] {
    const found: (Subscription & { clientId: string })[] = [];
    for (const { key, subscriptions } of this.byKey.values()) {
      for (const subscription of subscriptions.values()) {
        if (subscription.qos > 0 && matches(subscription.topic, topic)) {
          found.push({ clientId: key, ...subscription });
        }
      }
    }
    return found.sort((a, b) => Number(hasWildcard(b.topic)) - Number(hasWildcard(a.topic)));
  }

  private make(id: number, key: string, seen: number): StoredSession {
    this.lastId = Math.max(this.lastId, id);
    const { tables, commits, limits, dropped } = this.options;
    const disk: MailboxDisk = {
      enqueue: (row) => {
        tables.enqueue(id, row);
      },
      read: (after, limit) => tables.queue(id, after, limit),
      remove: (position) => {
        tables.dequeue(id, position);
      },
      removeUpTo: (position) => {
        tables.dequeueUpTo(id, position);
      },
    };
    const settle = () => {
      commits.addLazily(() => mailbox.settle());
    };
    const mailbox: Mailbox = new Mailbox(disk, limits, settle, dropped);
    return { id, key, seen, subscriptions: new Map(), mailbox };
  }
}
