/** MQTT sessions (MQTT 3.1.1 §4.1): subscriptions, what waits for them, and its delivery; those on disk and those that end with their connection. */
import type { Client } from 'aedes';
import type { Login } from './acl.js';
import { BoundedMap } from './bounded-map.js';
import type { Delivery } from './delivery/delivery.js';
import type { EventLane } from './delivery/event-lane.js';
import type { EventPump } from './delivery/event-pump.js';
import { MessageLane } from './delivery/message-lane.js';
import type { Pump } from './delivery/pump.js';
import { BrokerError } from './errors.js';
import type { BrokerLimits } from './limits.js';
import type { LiveSession } from './persistence/aedes-persistence.js';
import type { SessionStore, StoredSession } from './persistence/session-store.js';
import { Mailbox } from './queue/mailbox.js';
import type { Qos, Subscriptions } from './subscriptions.js';

/** Whose session it is. A client id belongs to its account: two accounts may use the same one. */
export interface SessionOwner extends Login {
  readonly clientId: string;
}

export interface Session {
  readonly key: string;
  readonly account: string;
  readonly clientId: string;
  /** As its account last logged in, or is now; nothing when the account is gone. */
  login: Login | undefined;
  /** On disk; absent for one that ends with its connection. */
  readonly stored: StoredSession | undefined;
  readonly subscriptions: Subscriptions;
  readonly mailbox: Mailbox;
  readonly messages: MessageLane;
  readonly delivery: Delivery;
  /** As the persistence of aedes needs it. */
  readonly live: LiveSession;
  /** From its first subscription to events on. */
  events: EventLane | undefined;
  /** Whether it has unsubscribed from all events since, and so lost its place in the log. */
  lapsed: boolean;
  /** The connection it has now. */
  client: Client | undefined;
  /** Whether it was there before that connection. */
  isResumed: boolean;
}

/** A session that a topic reaches, and at which QoS at most. */
export interface Recipient {
  readonly session: Session;
  readonly qos: Qos;
}

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly pump: Pump;
  readonly events: EventPump;
  readonly limits: BrokerLimits;
  readonly subscriptionsFor: (login: Login | undefined, changed: () => void) => Subscriptions;
  /** An account as it is now. May throw. */
  readonly loginOf: (account: string) => Login | undefined;
  /** A message that waited for a session had to be dropped. */
  readonly dropped: () => void;
}

/** Each holds a place in the event log and rows in the store. */
const DURABLE_PER_ACCOUNT = 64;
/** Topics whose recipients are remembered. */
const REMEMBERED = 1_024;

/** Account names have no "/", so that no two owners share a key. */
export function sessionKey({ account, clientId }: Pick<SessionOwner, 'account' | 'clientId'>): string {
  return `${account}/${clientId}`;
}

export class Sessions {
  private readonly byKey = new Map<string, Session>();
  private readonly recipients = new BoundedMap<string, readonly Recipient[]>(REMEMBERED);

  /** With the sessions on disk. */
  constructor(private readonly options: SessionsOptions) {
    for (const stored of options.store.all()) {
      const at = stored.key.indexOf('/');
      const [account, clientId] = [stored.key.slice(0, at), stored.key.slice(at + 1)];
      const session = this.make({ account, clientId }, this.loginNow(account), stored);
      for (const { topic, qos } of stored.subscriptions.values()) session.subscriptions.grant(topic, qos);
      this.byKey.set(stored.key, session);
    }
  }

  /** Of connected clients, and durable ones of others. */
  stats(): { readonly sessions: number; readonly queued: number; readonly queuedBytes: number } {
    let [queued, queuedBytes] = [0, 0];
    for (const { mailbox } of this.byKey.values()) {
      queued += mailbox.size.messages;
      queuedBytes += mailbox.size.bytes;
    }
    return { sessions: this.byKey.size, queued, queuedBytes };
  }

  /** A session as the persistence of aedes needs it. */
  live(key: string): LiveSession | undefined {
    return this.byKey.get(key)?.live;
  }

  /** The session of a client that is connected or connecting; nothing once another connection has taken it over. */
  of(client: Pick<Client, 'id'>): Session | undefined {
    const session = this.byKey.get(client.id);
    return session?.client === client ? session : undefined;
  }

  /** Whom a topic reaches. */
  recipientsOf(topic: string): readonly Recipient[] {
    let found = this.recipients.get(topic);
    if (found === undefined) {
      found = [...this.byKey.values()].flatMap((session) => {
        const qos = session.subscriptions.qosFor(topic);
        return qos === undefined ? [] : { session, qos };
      });
      this.recipients.set(topic, found);
    }
    return found;
  }

  /**
   * Opens or resumes the session of a client that has logged in; takes it over from an earlier connection.
   *
   * @throws BrokerError `session/limit`, or what the cursor store throws
   */
  open(client: Client, owner: SessionOwner, durable: boolean): Session {
    const key = sessionKey(owner);
    const known = this.byKey.get(key);
    if (known !== undefined) this.options.pump.detach(known.delivery);
    if (known?.stored !== undefined && durable) {
      known.client = client;
      known.isResumed = true;
      known.login = owner;
      known.subscriptions.assume(owner);
      this.options.store.touch(known.stored);
      return known;
    }
    if (durable) this.expectRoom(owner.account);
    if (known?.stored !== undefined) this.forget(known);
    else if (!durable) this.options.events.forget(owner.clientId, owner.account);
    const session = this.make(owner, owner, durable ? this.options.store.ensure(key) : undefined);
    session.client = client;
    this.byKey.set(key, session);
    this.recipients.clear();
    return session;
  }

  /** Sends what there is to send: after CONNACK, and after each SUBACK. */
  start(session: Session): void {
    const { client, account, clientId, stored, subscriptions, delivery } = session;
    if (client === undefined) return;
    if (subscriptions.wantsEvents) {
      if (session.events === undefined) {
        const wake = () => {
          delivery.wake();
        };
        const durable = stored !== undefined;
        session.events = this.options.events.open({ account, clientId, durable, subscriptions, wake });
        delivery.add(session.events);
      } else if (session.lapsed) this.options.events.restart(session.events);
      session.lapsed = false;
    }
    if (delivery.attachedTo !== client.conn) this.options.pump.attach(delivery, client.conn);
    delivery.wake();
  }

  /** After an UNSUBSCRIBE. A session that wants no more events loses its place in the log. */
  unsubscribed(session: Session): void {
    const { account, clientId, stored, subscriptions, events } = session;
    if (events === undefined || subscriptions.wantsEvents) return;
    this.options.events.lapse(events);
    if (stored !== undefined) this.options.events.forget(clientId, account);
    session.lapsed = true;
  }

  /** The client's connection has ended. */
  closed(client: Client): void {
    const session = this.of(client);
    if (session === undefined) return;
    session.client = undefined;
    this.options.pump.detach(session.delivery);
    if (session.stored !== undefined) this.options.store.touch(session.stored);
    else this.drop(session);
  }

  /**
   * Notes which sessions have a connection, and forgets those whose clients have not been here for long.
   *
   * @param before Unix seconds
   * @returns the forgotten ones
   */
  expire(before: number): Session[] {
    const expired: Session[] = [];
    for (const session of [...this.byKey.values()]) {
      if (session.stored === undefined) continue;
      if (session.client !== undefined) this.options.store.touch(session.stored);
      else if (session.stored.seen < before) {
        this.forget(session);
        expired.push(session);
      }
    }
    return expired;
  }

  private make(
    { account, clientId }: Pick<SessionOwner, 'account' | 'clientId'>,
    login: Login | undefined,
    stored: StoredSession | undefined,
  ): Session {
    const { pump, limits, subscriptionsFor, dropped } = this.options;
    const subscriptions = subscriptionsFor(login, () => {
      this.recipients.clear();
    });
    const settle = () => {
      memory.settle()();
    };
    const memory: Mailbox = new Mailbox(undefined, limits.queue, settle, dropped);
    const mailbox = stored?.mailbox ?? memory;
    const mayReceive = (topic: string) => subscriptions.mayReceive(topic);
    const messages = new MessageLane({ mailbox, window: limits.window, mayReceive });
    const delivery = pump.open(account, clientId);
    delivery.add(messages);
    const session: Session = {
      ...{ key: sessionKey({ account, clientId }), account, clientId, login, stored },
      ...{ subscriptions, mailbox, messages, delivery },
      ...{ events: undefined, lapsed: false, client: undefined, isResumed: false },
      live: {
        isResumed: () => session.isResumed,
        accepts: (filter) => subscriptions.has(filter),
        acknowledge: (id) => {
          delivery.acknowledge(id);
        },
        received: async (id) => {
          const row = messages.received(id);
          if (row === undefined || stored === undefined) return;
          await this.options.store.release(stored, row.position);
          messages.noted(row);
        },
      },
    };
    return session;
  }

  /** Ends a durable session for good. */
  private forget(session: Session): void {
    this.options.events.forget(session.clientId, session.account);
    void this.options.store.remove(session.key).catch(() => undefined); // the transaction's failure was reported
    this.drop(session);
  }

  private drop(session: Session): void {
    this.byKey.delete(session.key);
    this.recipients.clear();
  }

  private loginNow(account: string): Login | undefined {
    try {
      return this.options.loginOf(account);
    } catch {
      return undefined; // an unusable list of accounts: nobody receives by it, and its problem is reported elsewhere
    }
  }

  private expectRoom(account: string): void {
    let count = 0;
    for (const { stored, account: other } of this.byKey.values()) {
      if (stored !== undefined && other === account) count++;
    }
    if (count < DURABLE_PER_ACCOUNT) return;
    throw new BrokerError(
      'session/limit',
      `${account} has ${count} durable sessions; use the same client id each time, or connect with clean session`,
    );
  }
}
