/**
 * The gateway's MQTT 3.1.1 broker: aedes for connections, subscriptions and retained state, with its habits corrected,
 * and the event pump for events (SPEC.md, Topics). Anonymous clients are denied; whatever the ACL does not allow is too.
 */
import { gatewayTopics, systemTimers, type Timers } from '@timeband/protocol';
import { Aedes } from 'aedes';
import type { Logger } from 'pino';
import type { ListenerConfig } from '../config/index.js';
import { AccountWatch } from './account-watch.js';
import type { Accounts } from './accounts.js';
import { createAcl } from './acl.js';
import { Admission } from './admission.js';
import { Authenticator } from './authenticator.js';
import { Clients } from './clients.js';
import { EventPump, type PumpLimits, type PumpStats } from './event-pump.js';
import type { ConnectionLimits } from './listeners/connections.js';
import { type ListenerAddress, Listeners } from './listeners/listeners.js';
import type { TlsMaterial } from './listeners/transport.js';
import { BrokerPersistence } from './persistence.js';
import type { Counters, CursorStore, EventSource, PublishedEvent } from './ports.js';
import { Publisher } from './publisher.js';
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
  readonly log: Logger;
  readonly counters: Counters;
  readonly timers?: Timers | undefined;
  readonly limits?: Partial<PumpLimits> | undefined;
}

export interface BrokerStats extends PumpStats {
  readonly connections: number;
  /** Of connected clients, and durable ones of others. */
  readonly sessions: number;
}

export interface Broker {
  /** Of the first listener. */
  readonly port: number;
  /** In the order of the options, ports chosen. */
  readonly listeners: readonly ListenerAddress[];
  /** Replaces the retained state of a topic. Resolves when live subscribers have been sent it, or something newer. */
  readonly publishRetained: (topic: string, payload: Uint8Array | string) => Promise<void>;
  /** Hands a message to whoever is connected now, and to nobody later. */
  readonly publishHint: (topic: string, payload: Uint8Array | string) => Promise<void>;
  /** Announces the events of a commit that is on disk. */
  readonly committed: (events: readonly PublishedEvent[]) => void;
  readonly stats: () => BrokerStats;
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
  const acl = createAcl(site, gateway);
  const topics = gatewayTopics(site, gateway);
  const pump = new EventPump({ source, cursors, timers, log, counters, limits: options.limits });
  const sessions = new Sessions(pump, (login) => new Subscriptions(topics, acl, login));
  const authenticator = new Authenticator(options.accounts, timers);
  const watch = new AccountWatch({ accounts: options.accounts, timers, log, counters });
  const admission = new Admission({ authenticator, sessions, watch, log, counters });
  const rules = new Rules({ sessions, acl, log, counters });

  const aedes = await Aedes.createBroker({
    persistence: new BrokerPersistence(sessions),
    concurrency: 0, // one slow delivery must not hold up the others
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
      done(rules.publish(client, packet));
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, rules.subscribe(client, subscription));
    },
    authorizeForward: (client, packet) => rules.forward(client, packet),
  });
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
    log,
    counters,
    closed: (client) => {
      watch.left(client);
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
  const publisher = new Publisher(aedes);
  let closing: Promise<void> | undefined;
  const close = async () => {
    watch.close();
    authenticator.close();
    publisher.close();
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    await listeners.close();
    pump.close(); // last, since connections move cursors until they are gone
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
    committed: (events) => {
      pump.committed(events);
    },
    stats: () => ({ connections: listeners.connections, sessions: sessions.size, ...pump.stats() }),
    reload: () => {
      listeners.reload();
    },
    close: () => (closing ??= close()),
  };
}
