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
import {
  Accounts,
  type Broker,
  type BrokerStats,
  type BrokerOptions,
  type ListenerAddress,
  type PublishedEvent,
} from '../broker/index.js';
import type { BackupReport } from '../backup/index.js';
import {
  type Config,
  type Credentials,
  linkOf,
  LiveCredentials,
  loadCredentials,
  siteFiles,
} from '../config/index.js';
import { Committer, CurrentEpoch, EventLog, HeadMarker } from '../events/index.js';
import { ForwardDesk, type ForwardReport, type PeerReport } from '../forward/index.js';
import { Ledger, Visits } from '../ledger/index.js';
import { Kitchen, MEAL_DAYS } from '../kitchen/index.js';
import { type LinkReport, LinkSupervisor } from '../link/index.js';
import { Matters, Raiser } from '../matters/index.js';
import { caseCourses, Cases } from '../mediation/index.js';
import { OwnLog } from '../own-log/index.js';
import type { RadioReport } from '../radio/index.js';
import { HeadPublisher, Receipts } from '../receipts/index.js';
import { type StorageReport, StorageWatch, Store } from '../store/index.js';
import { FaultReporter, OpeningCommitter, Poller, Session, type SyncContext } from '../sync/index.js';
import { type TagReaderReport, TagReaders } from '../tag-reader/index.js';
import { DeviceKeys, Policies, SiteRegister } from '../trust/index.js';
import { shortly, Trail } from '../trail/index.js';
import type { Uplink, UplinkReport } from '../uplink/index.js';
import type { Approvers, Assessor, Bands } from '../verify/index.js';
import { VERSION } from '../version.js';
import { openApprovers, openAssessor, openBands } from './assessor.js';
import { CounterSet } from './counters.js';
import { openForwarding, type RunningForwarding } from './forwarding.js';
import { Maintenance } from './maintenance.js';
import { startBroker } from './mqtt.js';
import { readRadioFiles, startRadio } from './radio.js';
import { OwnCertificateWatch } from './own-certificate.js';
import { startUplink } from './uplink.js';

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly timers?: Timers;
  readonly stopwatch?: Stopwatch | undefined;
  /** Where the configuration was read from; it goes into the backups. */
  readonly configFile?: string | undefined;
}

/** Is told how long things took, in milliseconds. */
export interface Stopwatch {
  /** A transaction of records and events. */
  readonly commit: (ms: number) => void;
  /** From reading the first of some records off their device to having them on disk. */
  readonly sync: (ms: number) => void;
}

/** What `status` and the health topic say. */
export interface GatewayReport {
  readonly version: string;
  readonly site: string;
  readonly gateway: string;
  readonly uptime: number;
  /** `unset`: nothing is sealed until the machine's clock is set. */
  readonly clock: 'unset' | 'set';
  /** Of the first listener, and of each. */
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly listeners: readonly ListenerAddress[];
  };
  readonly broker: BrokerStats;
  /** Of the gateway, Unix seconds. */
  readonly certificate: { readonly notBefore: number; readonly expires: number };
  readonly stored: {
    readonly logs: number;
    readonly records: number;
    readonly events: number;
    readonly quarantined: number;
  };
  readonly commits: { readonly count: number; readonly longestMs: number };
  readonly storage: StorageReport;
  /** Absent where the configuration has no backups. */
  readonly backup: BackupReport | undefined;
  readonly links: readonly LinkReport[];
  /** In the order of the configuration. */
  readonly tagReaders: readonly TagReaderReport[];
  /** Absent where the configuration has no radio. */
  readonly radio: RadioReport | undefined;
  /** Absent where the configuration has no uplink. */
  readonly uplink: UplinkReport | undefined;
  /** Absent where the configuration has no other gateway to hand records to. */
  readonly forward: ForwardReport | undefined;
  /** Other gateways that hand records to this one, since the start. */
  readonly peers: readonly PeerReport[];
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
  /** What it does with its own store when it is asked to. */
  readonly maintenance: Maintenance;
  /** Its own certificate, which is renewed while it runs. */
  readonly ownCertificate: Pick<OwnCertificateWatch, 'look'>;
  readonly ledger: Ledger;
  readonly matters: Matters;
  readonly kitchen: Kitchen;
  readonly cases: Cases;
  readonly store: Pick<
    Store,
    'mentions' | 'positionAt' | 'ledger' | 'events' | 'commitOf' | 'lastCommit' | 'eventOfRecord'
  >;
  /** What it logs itself. */
  readonly ownLog: Pick<OwnLog, 'log' | 'logEach'>;
  /** What operators did. */
  readonly trail: Pick<Trail, 'note' | 'find'>;
  /** Who approves, as far as it knows. */
  readonly approvers: Approvers;
  readonly counters: CounterSet;
  readonly timers: Timers;
  readonly clock: Pick<GatewayClock, 'now'>;
  /** Has requests of MQTT clients answered; they get none while nobody does. */
  readonly onPublished: (listener: NonNullable<BrokerOptions['published']>) => void;
  /** To whoever is connected, and to nobody later. */
  readonly publishHint: Broker['publishHint'];
  /** Who may log in, as to the broker. */
  readonly logIn: Broker['logIn'];
  /** How many records are in quarantine, by why they are there. */
  readonly quarantine: () => Readonly<Record<string, number>>;
  /** Writes to the database and waits for the disk, and changes nothing. @throws StoreFault */
  readonly probe: () => void;
  /** Goes by those of the settings that count without a restart; of the others `config` has what runs. */
  readonly adopt: (config: Config) => Promise<void>;
  /** Ends links, broker and store, in this order. */
  readonly close: () => Promise<void>;
}

/** Starts everything that the configuration names. @throws ConfigError, StoreError, or the listener's error */
export async function startGateway({
  config,
  log,
  timers = systemTimers,
  stopwatch,
  configFile,
}: GatewayOptions): Promise<RunningGateway> {
  const { site, gateway } = config;
  /** The settings as they are now: what may change while the gateway runs is read from here. */
  let live = config;
  const wallClock = (): number => Date.now() / 1_000;
  const started = wallClock();
  const files = siteFiles(config.dataDir);
  const credentials = new LiveCredentials(
    loadCredentials(config.dataDir, site, gateway, Math.floor(started)),
  );
  const counters = new CounterSet();
  const clock = openClock(credentials, wallClock, timers, log.child({ name: 'clock' }));
  const register = SiteRegister.load(files, { site, trust: credentials.trust });
  const deviceKeys = new DeviceKeys([
    ...(config.deviceKeys === undefined
      ? []
      : DeviceKeys.read(resolve(config.dataDir, config.deviceKeys), site)),
    ...register.deviceKeys(site),
  ]);
  const radioBands = readRadioFiles(config, register.bandKeys);
  const store = new Store(files.database);
  const events = new EventLog(store, credentials.key, credentials.certificate);
  const marker = new HeadMarker(files.headMarker, timers, (error) => {
    counters.count('store/head-marker');
    log.error(
      { err: error },
      `ALARM: the place of the newest event cannot be written to ${files.headMarker}`,
    );
  });
  let bands: Bands;
  let assessor: Assessor;
  let approvers: Approvers;
  try {
    marker.check(store);
    bands = openBands(config, store, credentials.trust, deviceKeys, register);
    approvers = openApprovers(config, credentials.trust, register);
    assessor = openAssessor({ config, store, bands, approvers });
  } catch (error) {
    store.close();
    throw error;
  }
  const trail = new Trail({
    ...{ store, site, gateway, credentials, timers, counters, days: config.storage.trailDays },
    ...{ now: () => clock.now() ?? wallClock(), log: log.child({ name: 'trail' }) },
  });
  const topics = gatewayTopics(site, gateway);
  const commits = { count: 0, longestMs: 0 };

  let published: NonNullable<BrokerOptions['published']> = () => undefined;
  const broker = await startBroker({
    published: (login, topic, payload) => {
      published(login, topic, payload);
    },
    config,
    clock,
    accounts: new Accounts(files.accounts),
    source: events,
    cursors: store.cursors,
    tables: store.mqtt,
    served: (account, topic, payload) =>
      topic === topics.forward(account) ? desk.receive(account, payload) : undefined,
    wallClock,
    log: log.child({ name: 'broker' }),
    counters,
    timers,
  });
  trail.start(); // after what may fail: its timers would keep a gateway that could not start from ending

  const storage = new StorageWatch({
    dir: config.dataDir,
    holdFile: files.trialHold,
    get minFreeBytes() {
      return live.storage.minFreeMb * 1_000_000;
    },
    ...{ timers, counters, log: log.child({ name: 'storage' }) },
  });
  const visits = new Visits(store);
  const ledger = new Ledger({ store, timeZone: config.ledger.timeZone, log: log.child({ name: 'ledger' }) });
  ledger.catchUp();
  const matters = new Matters({
    store,
    ledger,
    gateway,
    also: [MEAL_DAYS, caseCourses(store)],
    log: log.child({ name: 'matters' }),
  });
  matters.catchUp();
  const kitchen = new Kitchen({ site, store, ledger, matters });
  const cases = new Cases({ site, store, matters });
  // Such records are stored and quarantined; a device full of them must not fill the log as well.
  const unreadable = new FaultReporter('store', counters, log.child({ name: 'store' }), timers);
  const committer = new Committer({
    store,
    assessor,
    visits,
    ledger,
    matters,
    events,
    storage,
    wallClock,
    committed: (published: readonly PublishedEvent[]) => {
      marker.note(events.newest);
      broker.committed(published);
      uplink?.committed(published);
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
      stopwatch?.commit(ms);
    },
  });

  let forwarding: RunningForwarding | undefined = undefined;
  const noteOwn = (action: string, given: object): void => {
    const deed = { account: gateway, role: 'gateway', way: 'gateway', outcome: 'done' } as const;
    trail.note({ ...deed, action, given: shortly(given) }).catch(() => undefined); // which it has logged
  };
  if (events.opening !== undefined) noteOwn('restored', { epoch: events.epoch });
  const inForce = new Set(store.policy.all().map(({ type, number }) => `${type} ${number}`));
  const policies = new Policies({
    site,
    get files() {
      return live.policy.map((file) => resolve(live.dataDir, file));
    },
    optionalFiles: [files.registerPolicy],
    trust: credentials.trust,
    issuer: credentials.issuer.kid,
    store,
    now: () => clock.now(),
    timers,
    log: log.child({ name: 'policy' }),
    enforced: (document) => {
      ledger.adopt(document);
      const { content, number } = document;
      if (!inForce.has(`${content.type} ${number}`)) noteOwn('policy', { type: content.type, number });
      if (document.content.type === 'primary') forwarding?.policyChanged();
    },
  });
  policies.start();

  const receipts = new Receipts({
    ...{ store, events: new CurrentEpoch(events), timers, wallClock },
    key: credentials.key,
    get certificate() {
      return credentials.certificate;
    },
  });
  const uplinkLog = log.child({ name: 'uplink' });
  const openUplink = ({ uplink: settings, dataDir }: Config): Uplink | undefined =>
    settings &&
    startUplink({
      ...{ config: settings, dataDir, credentials, store, events, receipts, policies },
      ...{ clock, timers, wallClock, counters, log: uplinkLog },
      report: () => report(),
    });
  let uplink = openUplink(config);
  const poller = new Poller(timers);
  const openingCommitter =
    events.opening === undefined ? committer : new OpeningCommitter(committer, () => ownLog.open());
  forwarding = openForwarding({
    ...{ config, credentials, policies, store, storage, timers, wallClock, clock, counters },
    log: log.child({ name: 'forward' }),
    toSelf: (bytes) => void desk.receive(gateway, bytes),
  });
  const syncContext: SyncContext = {
    ...{
      site,
      gateway,
      credentials,
      store,
      assessor,
      bands,
      visits,
      kitchen,
      committer: openingCommitter,
      forward: forwarding?.queue,
      isRestored: store.epochs.all.length > 1,
      poller,
      timers,
      wallClock,
      clock,
    },
    ...{ deviceKeys, policies, receipts, counters, log: log.child({ name: 'sync' }) },
    synced: stopwatch?.sync,
  };
  const desk = new ForwardDesk({
    context: { ...syncContext, log: log.child({ name: 'forward' }) },
    answer: (client, bytes) => {
      if (client === gateway) forwarding?.answered(bytes);
      else void broker.publishHint(topics.forwardAnswer(client), Buffer.from(bytes));
    },
  });
  const supervisor = new LinkSupervisor({
    links: config.links,
    except: config.radio !== undefined && 'path' in config.radio ? [config.radio.path] : [],
    exceptLinks: config.tagReaders.map(linkOf),
    timers,
    log: log.child({ name: 'link' }),
    open: (port) => openSerialLink(port),
    session: (link) => new Session(link, syncContext),
  });
  const ownLog = new OwnLog({
    ...{ ...syncContext, committer, firmware: `timeband-gateway ${VERSION}`, restored: events.opening },
  });
  const tagReaders = new TagReaders({
    ...{ readers: config.tagReaders, ownLog, visits, timers, wallClock, counters },
    log: log.child({ name: 'tag-reader' }),
  });
  const radio =
    config.radio &&
    startRadio({
      ...{ config: config.radio, bands: radioBands, dataDir: config.dataDir },
      ...{ context: syncContext, ownLog },
      hint: (call) => {
        uplink?.hint(call);
        void broker.publishHint(topics.help, call);
      },
      log: log.child({ name: 'radio' }),
    });

  const maintenance = new Maintenance({
    ...{ config, configFile, credentials, store, clock, timers, counters, log },
  });

  const report = (): GatewayReport => ({
    version: VERSION,
    site,
    gateway,
    uptime: Math.floor(wallClock() - started),
    clock: clock.now() === undefined ? 'unset' : 'set',
    mqtt: {
      host: broker.listeners[0]?.host ?? config.broker.host,
      port: broker.port,
      listeners: broker.listeners,
    },
    broker: broker.stats(),
    certificate: {
      notBefore: credentials.certificate.notBefore,
      expires: credentials.certificate.expires,
    },
    stored: store.totals(),
    commits,
    storage: storage.report(),
    backup: maintenance.report(),
    links: supervisor.report(),
    tagReaders: tagReaders.report(),
    radio: radio?.report(),
    uplink: uplink?.report(),
    forward: forwarding?.report(),
    peers: desk.report(),
    counters,
  });

  const announce = (state: GatewayStatus['state']): Promise<boolean> =>
    broker.publishRetained(
      topics.status,
      Buffer.from(
        JSON.stringify({ state, gateway, site, since: Math.floor(wallClock()) } satisfies GatewayStatus),
      ),
    );
  await broker.publishRetained(topics.certificate, credentials.certificate.bytes);
  await announce('online');
  const ownCertificate = new OwnCertificateWatch({
    ...{ file: files.gatewayCertificate, credentials, timers, wallClock, counters },
    log: log.child({ name: 'certificate' }),
    renewed: ({ kid, bytes }) => {
      store.epochs.keepSigner(kid, bytes);
      void broker.publishRetained(topics.certificate, bytes);
      uplink?.renewed();
    },
  });
  ownCertificate.start();
  let cancelHealth = (): void => undefined;
  const publishHealth = (): void => {
    void broker.publishRetained(topics.health, Buffer.from(JSON.stringify(report())));
    cancelHealth = timers.after(HEALTH_EVERY_MS, publishHealth);
  };
  publishHealth();
  const receiptLog = log.child({ name: 'receipts' });
  const heads = new HeadPublisher({
    timers,
    get everyMs() {
      return live.receipts.headEverySeconds * 1_000;
    },
    // A head says when it was signed, so there is none without a clock.
    head: (restShare) => (clock.now() === undefined ? Promise.resolve(undefined) : receipts.head(restShare)),
    publish: (head) => broker.publishRetained(topics.head, Buffer.from(head)),
    failed: (error) => {
      counters.count('head-failed');
      receiptLog.error({ error: error.message }, 'no head of the event log can be published');
    },
  });
  heads.start();
  forwarding?.start();
  await supervisor.start();
  await tagReaders.start();
  maintenance.start();
  const raiser = new Raiser({
    ...{
      site,
      matters,
      ownLog,
      sources: [kitchen.unseen, cases.overdue],
      timers,
      counters,
      now: () => clock.now(),
    },
    log: log.child({ name: 'matters' }),
  });
  raiser.start();

  return {
    report,
    receipts,
    proofs: store.proofs,
    maintenance,
    ownCertificate,
    ...{ ledger, matters, kitchen, cases, store, trail, ownLog, approvers, counters, timers, clock },
    logIn: broker.logIn,
    publishHint: broker.publishHint,
    onPublished: (listener) => {
      published = listener;
    },
    quarantine: () => store.quarantineByCode(),
    probe: () => {
      store.probe();
    },
    adopt: async (next) => {
      const isOtherUplink = JSON.stringify(live.uplink) !== JSON.stringify(next.uplink);
      live = next;
      noteOwn('settings', { readAgain: true });
      broker.adopt(next);
      policies.refresh();
      await maintenance.adopt(next);
      if (isOtherUplink) {
        const old = uplink;
        uplink = undefined; // the new one finds in the event log what is committed meanwhile
        await old?.close();
        uplink = openUplink(next);
      } else uplink?.retry();
    },
    close: async () => {
      cancelHealth();
      ownCertificate.close();
      heads.close();
      policies.close();
      storage.close();
      await raiser.close();
      await Promise.all([supervisor.close(), tagReaders.close(), radio?.close(), maintenance.close()]);
      await Promise.all([uplink?.close(), forwarding?.close()]);
      await announce('offline');
      await broker.close();
      trail.close();
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
