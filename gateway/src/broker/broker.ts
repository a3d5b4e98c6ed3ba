/**
 * The gateway's MQTT 3.1.1 broker (SPEC.md, Topics): aedes for connections and handshakes, an exchange that puts messages on
 * disk before it says so, and a pump that delivers them and the events. Anonymous clients are denied; whatever the ACL does
 * not allow is too.
 */
import { gatewayTopics, systemTimers, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { ListenerConfig } from '../config/index.js';
import type { MqttTables } from '../store/index.js';
import { AccountWatch } from './account-watch.js';
import { type Account, type Accounts, loginOf } from './accounts.js';
import { createAcl, type Login } from './acl.js';
import { Admission } from './admission.js';
import { ConnectionBroker } from './aedes-internals.js';
import { Authenticator } from './authenticator.js';
import { Clients } from './clients.js';
import { EventPump, type EventPumpStats } from './delivery/event-pump.js';
import { Pump, type PumpStats } from './delivery/pump.js';
import { Exchange } from './exchange.js';
import { Expiry } from './expiry.js';
import { Inbound, type Served } from './inbound.js';
import { BROKER_LIMITS, type BrokerLimits } from './limits.js';
import type { ClientCertificate } from './listeners/client-certificate.js';
import type { ConnectionLimits } from './listeners/connections.js';
import { type ListenerAddress, Listeners } from './listeners/listeners.js';
import type { TlsMaterial } from './listeners/transport.js';
import { AedesPersistence, PRESENT } from './persistence/aedes-persistence.js';
import { Incoming } from './persistence/incoming.js';
import { RetainedMessages } from './persistence/retained.js';
import { SessionStore } from './persistence/session-store.js';
import { Wills } from './persistence/wills.js';
import type { Counters, CursorStore, EventSource, PublishedEvent } from './ports.js';
import { Publisher } from './publisher.js';
import { GroupCommit } from './queue/group-commit.js';
import { Rules } from './rules.js';
import { Sessions } from './session.js';
import { Subscriptions } from './subscriptions.js';

export interface BrokerOptions {
  readonly site: string;
  readonly gateway: string;
  /** At least one. */
  readonly listeners: readonly ListenerConfig[];
  /** Reads what TLS listeners show; called at the start and at each reload. */
  readonly tls?: (() => TlsMaterial) | undefined;
  readonly connections?: ConnectionLimits | undefined;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly source: EventSource;
  readonly cursors: CursorStore;
  /** Takes what is published on the topics that the gateway itself serves; nothing for all others. */
  readonly served?: Served | undefined;
  /** Where sessions and messages are on disk. */
  readonly tables: MqttTables;
  readonly log: Logger;
  readonly counters: Counters;
  readonly timers?: Timers | undefined;
  /** Is told of what a client has published, once it is on disk. */
  readonly published?: ((login: Login, topic: string, payload: Uint8Array) => void) | undefined;
  /** Unix seconds. */
  readonly wallClock?: (() => number) | undefined;
  readonly limits?: Partial<BrokerLimits> | undefined;
}

export interface BrokerStats extends PumpStats, EventPumpStats {
  readonly connections: number;
  /** Of connected clients, and durable ones of others. */
  readonly sessions: number;
  /** Messages that wait for sessions or are under way to them, without events; and their bytes. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Topics with a retained message. */
  readonly retained: number;
}

export interface Broker {
  /** Of the first listener. */
  readonly port: number;
  /** In the order of the options, ports chosen. */
  readonly listeners: readonly ListenerAddress[];
  /**
   * Replaces the retained state of a topic. Resolves with true when live subscribers have been sent it, or something newer; with
   * false when it could not be written, and is tried again until it is. Never rejects.
   */
  readonly publishRetained: (topic: string, payload: Uint8Array | string) => Promise<boolean>;
  /** Hands a message to whoever is connected now, and to nobody later. @returns whether it could be; never rejects */
  readonly publishHint: (topic: string, payload: Uint8Array | string) => Promise<boolean>;
  /** Announces the events of a commit that is on disk. */
  readonly committed: (events: readonly PublishedEvent[]) => void;
  readonly stats: () => BrokerStats;
  /**
   * The account with this name and password, for other ways in: all share one memory of who guesses.
   * @returns nothing for a wrong one; that answer takes its time @throws BrokerError
   */
  readonly logIn: (name: string, password: Uint8Array, remote: string) => Promise<Account | undefined>;
  /** Likewise the account of a client certificate. */
  readonly logInByCertificate: (
    certificate: ClientCertificate,
    remote: string,
  ) => Promise<Account | undefined>;
  /** Shows the TLS files as they are now to new connections. @throws what reading them throws; nothing has changed then */
  readonly reload: () => void;
  /** Disconnects everybody and saves their cursors. Idempotent. */
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS: ConnectionLimits = { total: 256, perAddress: 64 };

/** @throws BrokerError `broker/listen`, and what reading for TLS throws */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { site, gateway, log, counters, source, cursors } = options;
  const timers = options.timers ?? systemTimers;
  const wallClock = options.wallClock ?? (() => Date.now() / 1_000);
  const acl = createAcl(site, gateway);
  const topics = gatewayTopics(site, gateway);
  const limits: BrokerLimits = { ...BROKER_LIMITS, ...options.limits };
  const loginNow = (name: string) => {
    const account = options.accounts.find(name);
    return account && loginOf(account);
  };

  const { tables } = options;
  const commits = new GroupCommit(
    (work) => {
      tables.transaction(work);
    },
    timers,
    (error) => {
      counters.count('broker/write');
      log.error(
        { err: error },
        'messages cannot be written: their publishers are disconnected, to try again',
      );
    },
  );
  const dropped = () => {
    counters.count('broker/dropped', 'passing');
  };
  const store = new SessionStore({ tables, commits, limits: limits.queue, dropped, wallClock });
  const retained = new RetainedMessages(tables, limits.retained);
  const incoming = new Incoming(tables);
  const wills = new Wills(tables);

  const pump = new Pump({ timers, log, counters, ...limits });
  const events = new EventPump({ source, cursors, timers, log, counters, limits });
  const sessions = new Sessions({
    ...{ store, pump, events, limits, dropped },
    subscriptionsFor: (login, changed) => new Subscriptions(topics, acl, login, changed),
    loginOf: loginNow,
  });
  const exchange = new Exchange({ sessions, retained, commits, pump, log, counters });
  const inbound = new Inbound({
    served: options.served,
    ...{ acl, exchange, incoming, wills, commits, limits, timers, log, counters },
    published: (login, { topic, payload }) => options.published?.(login, topic, payload),
  });
  const authenticator = new Authenticator(options.accounts, timers);
  const watch = new AccountWatch({ accounts: options.accounts, timers, log, counters });
  const admission = new Admission({
    ...{ authenticator, sessions, acl, watch, log, counters },
    admitted: (client, login) => {
      inbound.admitted(client, login);
    },
  });
  const rules = new Rules({ sessions, acl, limits, log, counters });
  const expiry = new Expiry({ sessions, days: limits.sessionDays, timers, wallClock, log, counters });

  const aedes = await ConnectionBroker.open({
    persistence: new AedesPersistence({
      ...{ sessions: store, retained, incoming, wills, commits },
      live: ({ id }) => sessions.live(id),
    }),
    concurrency: 0, // or the number of listeners that a connection may have is bounded by it
    connectTimeout: CONNECT_TIMEOUT_MS,
    preConnect: (client, packet, done) => {
      admission.announce(client, packet);
      done(null, true);
    },
    authenticate: (client, name, password, done) => {
      void admission.admit(client, clients.peerOf(client), name, password).then((refusal) => {
        done(refusal ?? null, refusal === undefined);
      });
    },
    authorizePublish: (client, packet, done) => {
      inbound.receive(client, packet, done);
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, subscription === PRESENT ? null : rules.subscribe(client, subscription));
    },
    // What was retained when a client subscribed goes the way of all messages.
    authorizeForward: (client, packet) => {
      const session = sessions.of(client);
      const { topic, qos, payload } = packet;
      if (session !== undefined)
        exchange.deliverRetained(session, { topic, qos, payload: Buffer.from(payload) });
      return null;
    },
  });
  inbound.executeInherited(loginNow);
  aedes.on('clientReady', (client) => {
    rules.start(client);
  });
  aedes.on('subscribe', (_, client) => {
    rules.start(client);
  });
  aedes.on('unsubscribe', (filters, client) => {
    rules.unsubscribed(client, filters);
  });
  aedes.on('keepaliveTimeout', () => {
    counters.count('broker/keepalive');
  });
  aedes.addListener('error', (error: unknown) => {
    counters.count('broker/internal');
    log.error({ err: error }, 'the broker library failed');
  });
  aedes.on('clientError', (client, error) => {
    log.info({ client: client.id, reason: error.message }, 'subscriber connection failed');
  });
  aedes.on('connectionError', (client, error) => {
    const { remote } = clients.peerOf(client);
    log.info({ remote, reason: error.message }, 'connection failed before login');
  });

  const clients: Clients = new Clients({
    aedes,
    packetBytes: limits.packetBytes,
    log,
    counters,
    closed: (client) => {
      watch.left(client);
      inbound.left(client);
      sessions.closed(client);
    },
  });
  const listeners = new Listeners({
    listeners: options.listeners,
    limits: options.connections ?? CONNECTIONS,
    tls: () => {
      if (options.tls === undefined) throw new TypeError('a TLS listener, and no certificate');
      return options.tls();
    },
    accept: (connection, listener) => {
      clients.accept(connection, listener);
    },
    ...{ timers, log, counters },
  });
  const publisher = new Publisher((message, done) => {
    exchange.publish(message, done);
  }, timers);
  let closing: Promise<void> | undefined;
  const close = async () => {
    watch.close();
    authenticator.close();
    publisher.close();
    expiry.close();
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    await listeners.close();
    // Last, since connections move cursors until they are gone.
    inbound.close();
    pump.close();
    events.close();
    commits.flush();
  };

  let addresses: ListenerAddress[];
  try {
    addresses = await listeners.open();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    port: addresses[0]?.port ?? 0,
    listeners: addresses,
    publishRetained: (topic, payload) => publisher.retain(topic, Buffer.from(payload)),
    publishHint: (topic, payload) => publisher.pass(topic, Buffer.from(payload)),
    logIn: (name, password, remote) => authenticator.verify(name, password, remote),
    logInByCertificate: (certificate, remote) =>
      authenticator.verifyCertificate(certificate, undefined, remote),
    committed: (published) => {
      events.committed(published);
    },
    stats: () => ({
      ...{ connections: listeners.connections, retained: retained.size },
      ...{ ...sessions.stats(), ...pump.stats(), ...events.stats() },
    }),
    reload: () => {
      listeners.reload();
    },
    close: () => (closing ??= close()),
  };
}
