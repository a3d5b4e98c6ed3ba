/** The whole gateway: every step put together, started in order and ended in reverse. */
import { type GatewayStatus, gatewayTopics, systemTimers, type Timers } from '@timeband/protocol';
import { openSerialLink } from '@timeband/protocol/serial';
import type { Logger } from 'pino';
import { Accounts, type Broker, createBroker, type PublishedEvent } from '../broker/index.js';
import { type Config, loadCredentials, siteFiles } from '../config/index.js';
import { Committer, EventLog } from '../events/index.js';
import { Visits } from '../ledger/index.js';
import { type LinkReport, LinkSupervisor } from '../link/index.js';
import { Store } from '../store/index.js';
import { FaultReporter, Poller, Session } from '../sync/index.js';
import { CounterSet } from './counters.js';

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly timers?: Timers;
}

/** What `status` and the health topic say. */
export interface GatewayReport {
  readonly site: string;
  readonly gateway: string;
  readonly uptime: number;
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly stored: {
    readonly logs: number;
    readonly records: number;
    readonly events: number;
    readonly quarantined: number;
  };
  readonly commits: { readonly count: number; readonly longestMs: number };
  readonly links: readonly LinkReport[];
  readonly counters: CounterSet;
}

/** Health is published this often. */
const HEALTH_EVERY_MS = 10_000;

export interface RunningGateway {
  readonly report: () => GatewayReport;
  /** Ends links, broker and store, in this order. */
  readonly close: () => Promise<void>;
}

/** Starts everything that the configuration names. @throws ConfigError, StoreError, or the listener's error */
export async function startGateway({
  config,
  log,
  timers = systemTimers,
}: GatewayOptions): Promise<RunningGateway> {
  const { site, gateway } = config;
  const wallClock = (): number => Date.now() / 1_000;
  const started = wallClock();
  const files = siteFiles(config.dataDir);
  const credentials = loadCredentials(config.dataDir, site, gateway, Math.floor(started));
  const counters = new CounterSet();
  const store = new Store(files.database);
  const events = new EventLog(store, credentials.key, credentials.certificate);
  const topics = gatewayTopics(site, gateway);
  const commits = { count: 0, longestMs: 0 };

  const broker: Broker = await createBroker({
    site,
    gateway,
    host: config.broker.host,
    port: config.broker.port,
    accounts: new Accounts(files.accounts),
    source: events,
    cursors: store.cursors,
    log: log.child({ name: 'broker' }),
    counters,
    timers,
  });

  const visits = new Visits(store);
  // Such records are stored and quarantined; a device full of them must not fill the log as well.
  const unreadable = new FaultReporter('store', counters, log.child({ name: 'store' }), timers);
  const committer = new Committer({
    store,
    visits,
    events,
    wallClock,
    committed: (published: readonly PublishedEvent[]) => {
      broker.committed(published);
    },
    unreadable: (device, _seq, error) => {
      unreadable.report(error, device);
    },
    timed: (ms) => {
      commits.count++;
      commits.longestMs = Math.max(commits.longestMs, ms);
    },
  });

  const poller = new Poller(timers);
  const syncLog = log.child({ name: 'sync' });
  const supervisor = new LinkSupervisor({
    links: config.links,
    timers,
    log: log.child({ name: 'link' }),
    open: (port) => openSerialLink(port),
    session: (link) =>
      new Session(link, {
        site,
        gateway,
        credentials,
        store,
        visits,
        committer,
        poller,
        timers,
        wallClock,
        counters,
        log: syncLog,
      }),
  });

  const report = (): GatewayReport => ({
    site,
    gateway,
    uptime: Math.floor(wallClock() - started),
    mqtt: { host: config.broker.host, port: broker.port },
    stored: store.totals(),
    commits,
    links: supervisor.report(),
    counters,
  });

  const announce = (state: GatewayStatus['state']): Promise<void> =>
    broker.publishRetained(
      topics.status,
      Buffer.from(
        JSON.stringify({ state, gateway, site, since: Math.floor(wallClock()) } satisfies GatewayStatus),
      ),
    );
  await broker.publishRetained(topics.certificate, credentials.certificate.bytes);
  await announce('online');
  let cancelHealth = (): void => undefined;
  const publishHealth = (): void => {
    void broker.publishRetained(topics.health, Buffer.from(JSON.stringify(report())));
    cancelHealth = timers.after(HEALTH_EVERY_MS, publishHealth);
  };
  publishHealth();
  await supervisor.start();

  return {
    report,
    close: async () => {
      cancelHealth();
      await supervisor.close();
      await announce('offline');
      await broker.close();
      store.close();
    },
  };
}
