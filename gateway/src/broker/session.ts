/** MQTT sessions (MQTT 3.1.1 §4.1): subscriptions, unacknowledged state messages and the delivery of events. */
import type { AedesPublishPacket, Client } from 'aedes';
import type { Delivery } from './delivery.js';
import { BrokerError } from './errors.js';
import type { EventPump } from './event-pump.js';
import type { Login } from './acl.js';
import type { Subscriptions } from './subscriptions.js';

/** Whose session it is. A client id belongs to its account: two accounts may use the same one. */
export interface SessionOwner extends Login {
  readonly clientId: string;
}

export interface Session {
  /** As it last logged in: an account's role and grants may have changed since the session was made. */
  owner: SessionOwner;
  /** Whether it outlives its connection (`clean session` was not asked for). */
  readonly durable: boolean;
  readonly subscriptions: Subscriptions;
  /** The newest state message a topic that is not acknowledged yet; for durable sessions. */
  readonly pendingState: Map<string, AedesPublishPacket>;
  /** From its first subscription to events on. */
  delivery: Delivery | undefined;
  /** Whether it has unsubscribed from all events since, and so lost its place in the log. */
  lapsed: boolean;
  /** The connection it has now. */
  client: Client | undefined;
}

/** Each holds a place in the event log and a row in the store. */
const DURABLE_PER_ACCOUNT = 64;

/** Account names have no "/", so that no two owners share a key. */
export function sessionKey({ account, clientId }: Pick<SessionOwner, 'account' | 'clientId'>): string {
  return `${account}/${clientId}`;
}

export class Sessions {
  private readonly byKey = new Map<string, Session>();

  constructor(
    private readonly pump: EventPump,
    private readonly subscriptionsFor: (login: Login) => Subscriptions,
  ) {}

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): Session | undefined {
    return this.byKey.get(key);
  }

  /** The session of a client that is connected or connecting; nothing once another connection has taken it over. */
  of(client: Client): Session | undefined {
    const session = this.byKey.get(client.id);
    return session?.client === client ? session : undefined;
  }

  entries(): Iterable<[key: string, session: Session]> {
    return this.byKey;
  }

  /**
   * Opens or resumes the session of a client that has logged in; takes it over from an earlier connection.
   *
   * @throws BrokerError `session/limit`, or what the cursor store throws
   */
  open(client: Client, owner: SessionOwner, durable: boolean): Session {
    const key = sessionKey(owner);
    const known = this.byKey.get(key);
    if (known?.delivery !== undefined) this.pump.detach(known.delivery);
    if (known?.durable === true && durable) {
      known.client = client;
      known.owner = owner;
      known.subscriptions.assume(owner);
      return known;
    }
    if (durable) this.expectRoom(owner.account);
    else this.pump.forget(owner.clientId, owner.account);
    const session: Session = {
      owner,
      durable,
      subscriptions: this.subscriptionsFor(owner),
      pendingState: new Map(),
      delivery: undefined,
      lapsed: false,
      client,
    };
    this.byKey.set(key, session);
    return session;
  }

  /** Sends events, if the session wants any: after CONNACK for one that is resumed, after SUBACK otherwise. */
  start(session: Session): void {
    const { client, owner, durable, subscriptions } = session;
    if (client === undefined || !subscriptions.wantsEvents) return;
    const { account, clientId } = owner;
    session.delivery ??= this.pump.open({ account, clientId, durable, subscriptions });
    if (session.lapsed) this.pump.restart(session.delivery);
    session.lapsed = false;
    if (session.delivery.attachedTo !== client.conn) this.pump.attach(session.delivery, client.conn);
  }

  /** After an UNSUBSCRIBE. A session that wants no more events loses its place in the log. */
  unsubscribed(session: Session): void {
    if (session.delivery === undefined || session.subscriptions.wantsEvents) return;
    this.pump.detach(session.delivery);
    if (session.durable) this.pump.forget(session.owner.clientId, session.owner.account);
    session.lapsed = true;
  }

  /** The client's connection has ended. */
  closed(client: Client): void {
    const session = this.of(client);
    if (session === undefined) return;
    session.client = undefined;
    if (session.delivery !== undefined) this.pump.detach(session.delivery);
    if (!session.durable) this.byKey.delete(client.id);
  }

  private expectRoom(account: string): void {
    let count = 0;
    for (const { durable, owner } of this.byKey.values()) if (durable && owner.account === account) count++;
    if (count < DURABLE_PER_ACCOUNT) return;
    throw new BrokerError(
      'session/limit',
      `${account} has ${count} durable sessions; use the same client id each time, or connect with clean session`,
    );
  }
}
