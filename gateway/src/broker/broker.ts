/**
 * The gateway's MQTT 3.1.1 broker: aedes for connections, subscriptions and retained state, with its habits corrected,
 * and the event pump for events (SPEC.md, Topics). Anonymous clients are denied; whatever the ACL does not allow is too.
 */
import type { AddressInfo } from 'node:net';
import { gatewayTopics, systemTimers, type Timers } from '@timeband/protocol';
import { Aedes, type Client } from 'aedes';
import type { Logger } from 'pino';
import type { Accounts } from './accounts.js';
import { createAcl } from './acl.js';
import { Admission } from './admission.js';
import { EventPump, type PumpLimits, type PumpStats } from './event-pump.js';
import { Listener } from './listener.js';
import { Login } from './login.js';
import { BrokerPersistence } from './persistence.js';
import type { Counters, CursorStore, EventSource, PublishedEvent } from './ports.js';
import { Publisher } from './publisher.js';
import { Rules } from './rules.js';
import { Sessions } from './session.js';
import { Subscriptions } from './subscriptions.js';

export interface BrokerOptions {
  readonly site: string;
  readonly gateway: string;
  /** Loopback unless told otherwise. */
  readonly host?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
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
  readonly port: number;
  /** Replaces the retained state of a topic. Resolves when live subscribers have been sent it, or something newer. */
  readonly publishRetained: (topic: string, payload: Uint8Array | string) => Promise<void>;
  /** Hands a message to whoever is connected now, and to nobody later. */
  readonly publishHint: (topic: string, payload: Uint8Array | string) => Promise<void>;
  /** Announces the events of a commit that is on disk. */
  readonly committed: (events: readonly PublishedEvent[]) => void;
  readonly stats: () => BrokerStats;
  /** Disconnects everybody and saves their cursors. Idempotent. */
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws BrokerError `broker/listen` */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { site, gateway, log, counters, source, cursors } = options;
  const timers = options.timers ?? systemTimers;
  const acl = createAcl(site, gateway);
  const topics = gatewayTopics(site, gateway);
  const pump = new EventPump({ source, cursors, timers, log, counters, limits: options.limits });
  const sessions = new Sessions(pump, (role) => new Subscriptions(topics, acl, role));
  const login = new Login(options.accounts, timers);
  const admission = new Admission({ login, sessions, log, counters });
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
      void admission.admit(client, remoteOf(client), name, password).then((refusal) => {
        done(refusal ?? null, refusal === undefined);
      });
    },
    authorizePublish: (client, packet, done) => {
      done(rules.publish(client, packet.topic));
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
    log.info({ remote: remoteOf(client), reason: error.message }, 'connection failed before login');
  });

  const listener = new Listener({
    log,
    counters,
    accept: (socket) => aedes.handle(socket),
    closed: (client) => {
      sessions.closed(client);
    },
  });
  const publisher = new Publisher(aedes);
  let closing: Promise<void> | undefined;
  const close = async () => {
    login.close();
    publisher.close();
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    await listener.close();
    pump.close(); // last, since connections move cursors until they are gone
  };

  let address: AddressInfo;
  try {
    address = await listener.listen(options.host ?? '127.0.0.1', options.port);
  } catch (error) {
    await close();
    throw error;
  }
  log.info({ host: address.address, port: address.port }, 'broker listening');
  return {
    port: address.port,
    publishRetained: (topic, payload) => publisher.retain(topic, Buffer.from(payload)),
    publishHint: (topic, payload) => publisher.pass(topic, Buffer.from(payload)),
    committed: (events) => {
      pump.committed(events);
    },
    stats: () => ({ connections: listener.connections, sessions: sessions.size, ...pump.stats() }),
    close: () => (closing ??= close()),
  };
}

function remoteOf(client: Client): string {
  return 'remoteAddress' in client.conn ? (client.conn.remoteAddress ?? 'gone') : 'local';
}
