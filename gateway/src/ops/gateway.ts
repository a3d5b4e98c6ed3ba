/** The whole gateway: every step put together, started in order and ended in reverse. */
import { resolve } from 'node:path';
import {
  GatewayClock,
  type GatewayStatus,
  gatewayTopics,
  systemTimers,
  type Timers,
} from '@timeband/protocol';
import { openSerialLink } from '@timeband/protocol/serial';
import type { Logger } from 'pino';
import { Accounts, type Broker, createBroker, type PublishedEvent } from '../broker/index.js';
import { type Config, type Credentials, loadCredentials, siteFiles } from '../config/index.js';
import { Committer, EventLog, HeadMarker } from '../events/index.js';
import { Visits } from '../ledger/index.js';
import { type LinkReport, LinkSupervisor } from '../link/index.js';
import { OwnLog } from '../own-log/index.js';
import type { RadioReport } from '../radio/index.js';
import { HeadPublisher, Receipts } from '../receipts/index.js';
import { Store } from '../store/index.js';
import { FaultReporter, Poller, Session, type SyncContext } from '../sync/index.js';
import { DeviceKeys, Policies } from '../trust/index.js';
import type { Assessor, Bands } from '../verify/index.js';
import { VERSION } from '../version.js';
import { openAssessor, openBands } from './assessor.js';
import { CounterSet } from './counters.js';
import { readRadioFiles, startRadio } from './radio.js';

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
  /** `unset`: nothing is sealed until the machine's clock is set. */
  readonly clock: 'unset' | 'set';
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly stored: {
    readonly logs: number;
    readonly records: number;
    readonly events: number;
    readonly quarantined: number;
  };
  readonly commits: { readonly count: number; readonly longestMs: number };
  readonly links: readonly LinkReport[];
  /** Absent where the configuration has no radio. */
  readonly radio: RadioReport | undefined;
  readonly counters: CounterSet;
}

/** Health is published this often. */
const HEALTH_EVERY_MS = 10_000;

export interface RunningGateway {
  readonly report: () => GatewayReport;
  /** Heads and receipts of the event log. */
  readonly receipts: Receipts;
  /** What single records are proven with. */
  readonly proofs: Store['proofs'];
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
  const clock = openClock(credentials, wallClock, timers, log.child({ name: 'clock' }));
  const deviceKeys =
    config.deviceKeys === undefined
      ? new DeviceKeys()
      : DeviceKeys.read(resolve(config.dataDir, config.deviceKeys), site);
  const radioBands = readRadioFiles(config);
  const store = new Store(files.database);
  const events = new EventLog(store, credentials.key, credentials.certificate);
  const marker = new HeadMarker(files.headMarker, timers);
  let bands: Bands;
  let assessor: Assessor;
  try {
    marker.check(events.head, (seq) => store.hashAtCommitEnd(seq));
    bands = openBands(config, store, credentials.trust, deviceKeys);
    assessor = openAssessor(config, store, credentials.trust, bands);
  } catch (error) {
    store.close();
    throw error;
  }
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
    assessor,
    visits,
    events,
    wallClock,
    committed: (published: readonly PublishedEvent[]) => {
      marker.note(events.newest);
      broker.committed(published);
    },
    unreadable: (device, _seq, error) => {
      unreadable.report(error, device);
    },
    doubted: (device, _seq, error) => {
      unreadable.report(error, device);
    },
    timed: (ms) => {
      commits.count++;
      commits.longestMs = Math.max(commits.longestMs, ms);
    },
  });

  const policies = new Policies({
    site,
    files: config.policy.map((file) => resolve(config.dataDir, file)),
    trust: credentials.trust,
    issuer: credentials.issuer.kid,
    store,
    now: () => clock.now(),
    timers,
    log: log.child({ name: 'policy' }),
  });
  policies.start();

  const receipts = new Receipts({
    ...{ store, events, timers, wallClock, key: credentials.key, certificate: credentials.certificate },
  });
  const poller = new Poller(timers);
  const syncContext: SyncContext = {
    ...{
      site,
      gateway,
      credentials,
      store,
      assessor,
      bands,
      visits,
      committer,
      poller,
      timers,
      wallClock,
      clock,
    },
    ...{ deviceKeys, policies, receipts, counters, log: log.child({ name: 'sync' }) },
  };
  const supervisor = new LinkSupervisor({
    links: config.links,
    except: config.radio !== undefined && 'path' in config.radio ? [config.radio.path] : [],
    timers,
    log: log.child({ name: 'link' }),
    open: (port) => openSerialLink(port),
    session: (link) => new Session(link, syncContext),
  });
  const ownLog = new OwnLog({ ...syncContext, firmware: `timeband-gateway ${VERSION}` });
  const radio =
    config.radio &&
    startRadio({
      ...{ config: config.radio, bands: radioBands, dataDir: config.dataDir },
      ...{ context: syncContext, ownLog, broker, topics },
      log: log.child({ name: 'radio' }),
    });

  const report = (): GatewayReport => ({
    site,
    gateway,
    uptime: Math.floor(wallClock() - started),
    clock: clock.now() === undefined ? 'unset' : 'set',
    mqtt: { host: config.broker.host, port: broker.port },
    stored: store.totals(),
    commits,
    links: supervisor.report(),
    radio: radio?.report(),
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
  const receiptLog = log.child({ name: 'receipts' });
  const heads = new HeadPublisher({
    timers,
    everyMs: config.receipts.headEverySeconds * 1_000,
    // A head says when it was signed, so there is none without a clock.
    head: (restShare) => (clock.now() === undefined ? Promise.resolve(undefined) : receipts.head(restShare)),
    publish: (head) => broker.publishRetained(topics.head, Buffer.from(head)),
    failed: (error) => {
      counters.count('head-failed');
      receiptLog.error({ error: error.message }, 'no head of the event log can be published');
    },
  });
  heads.start();
  await supervisor.start();

  return {
    report,
    receipts,
    proofs: store.proofs,
    close: async () => {
      cancelHealth();
      heads.close();
      policies.close();
      await Promise.all([supervisor.close(), radio?.close()]);
      await announce('offline');
      await broker.close();
      marker.close();
      store.close();
    },
  };
}

/** This machine's clock, which counts as unset before the gateway's own certificate begins. */
function openClock(
  { certificate }: Credentials,
  wall: () => number,
  timers: Timers,
  log: Logger,
): GatewayClock {
  return new GatewayClock({
    wall,
    monotonic: () => timers.now() / 1_000,
    floor: certificate.notBefore,
    changed: (state) => {
      if (state.state === 'unset') {
        log.error(
          { wall: state.reading.wall, floor: certificate.notBefore },
          'ALARM: the clock of this machine is not set: taps are kept and answered with "queued", nothing is sealed',
        );
      } else if (state.state === 'stepped') {
        log.warn({ by: state.by }, 'the clock of this machine was stepped');
      } else {
        log.info({ wall: state.reading.wall }, 'the clock of this machine is set');
      }
    },
  });
}
