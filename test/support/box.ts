/**
 * The gateway's steps from link to event log in this process, on a clock that the test moves, with real SQLite and
 * simulated readers on links in memory that carry real frames.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Assessor,
  Bands,
  Committer,
  DeviceKeys,
  EventLog,
  ForwardDesk,
  ForwardQueue,
  Operators,
  OwnLog,
  Policies,
  Poller,
  type PublishedEvent,
  Receipts,
  Session,
  Store,
  type SyncContext,
  type TagKeys,
  Visits,
} from '@timeband/gateway';
import {
  type Certificate,
  type DeviceKey,
  type Event,
  EventVerifier,
  GatewayClock,
  issueCertificate,
  keyId,
  type Link,
  PrivateKey,
  type Timers,
  TrustStore,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  createSimulatedReader,
  type MemoryLink,
  memoryLink,
  type SimulatedReader,
} from '@timeband/simulator';
import { pino } from 'pino';
import { GATEWAY, SITE } from './centre.js';

/** When the clocks of a test begin, Unix seconds. */
export const START = 1_800_000_000;

export interface PluggedReader {
  readonly device: SimulatedReader;
  readonly session: Session;
  readonly link: MemoryLink;
}

/** Timers that a test moves. */
export type MovableTimers = Timers & { readonly run: (ms: number) => Promise<void> };

/** What a site's technician brought to the box. */
export interface BoxOptions {
  /** Milliseconds since 1970; its own unless given. */
  readonly timers?: MovableTimers;
  /** Of the site; its own unless there is another box at it. */
  readonly issuerKey?: PrivateKey;
  /** Its id. */
  readonly gateway?: string;
  readonly tagKeys?: TagKeys;
  /** Of devices that only MAC. */
  readonly deviceKeys?: readonly DeviceKey[];
  /** Bytes that may wait for another gateway that is the primary; without it records stay in their devices. */
  readonly maxQueuedBytes?: number;
  /** A box that this one is put up in place of: with its key, and the database that was backed up. */
  readonly restored?: { readonly from: Box; readonly database: string };
  /** Of operators, and of bands whose own logs the box has not met. */
  readonly certificates?: (issuerKey: PrivateKey) => readonly Uint8Array[];
}

export class Box {
  readonly timers: MovableTimers;
  readonly issuerKey: PrivateKey;
  readonly gateway: string;
  /** Verified as a subscriber would. */
  readonly events: Event[] = [];
  /** Lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  /** `code@link`, as often as counted. */
  readonly counted: string[] = [];
  store: Store;
  /** How far the gateway's clock is off the true time, in seconds. */
  clockOffset = 0;
  readonly policies: Policies;
  readonly desk: ForwardDesk;
  /** What waits for the primary. */
  readonly queue: ForwardQueue | undefined;
  /** Sends what waits on its way; called with the log, too, of which records wait now. */
  handOver: (log?: number) => void = () => undefined;
  /** What the desk answers a client. */
  deskAnswered: (client: string, bytes: Uint8Array) => void = () => undefined;
  readonly clock: GatewayClock;
  private readonly dir = mkdtempSync(join(tmpdir(), 'timeband-box-'));
  private readonly gatewayKey: PrivateKey;
  readonly trust: TrustStore;
  readonly certificate: Certificate;
  private readonly logger = pino(
    { level: 'debug' },
    { write: (line: string) => this.log.push(JSON.parse(line) as Readonly<Record<string, unknown>>) },
  );
  private readonly verifier = new EventVerifier();
  private committer: Committer;
  private visits: Visits;
  private assessor: Assessor;
  private readonly bands: Bands;
  private readonly receipts: Receipts;
  private readonly sessions = new Set<Session>();
  readonly counters = { count: (name: string, label = '') => this.counted.push(`${name}@${label}`) };
  /** What this gateway logs itself. */
  readonly ownLog: OwnLog;
  readonly context: SyncContext;

  constructor(private readonly options: BoxOptions = {}) {
    this.timers = options.timers ?? new ManualTimers(START * 1_000);
    this.issuerKey = options.issuerKey ?? PrivateKey.generate();
    this.gateway = options.gateway ?? GATEWAY;
    this.gatewayKey = options.restored?.from.gatewayKey ?? PrivateKey.generate();
    this.trust = new TrustStore([this.issuerKey.publicKey]);
    this.certificate = this.trust.verify(
      issueCertificate(this.issuerKey, {
        issuer: SITE,
        subject: this.gateway,
        role: 'gateway',
        site: SITE,
        notBefore: START - 86_400,
        expires: START + 86_400,
        key: this.gatewayKey.publicKey,
      }),
      { roles: ['gateway'], site: SITE },
    );
    this.verifier.trust(this.certificate);
    this.store = this.openStore();
    const events = new EventLog(this.store, this.gatewayKey, this.certificate);
    const certificates = options.certificates?.(this.issuerKey) ?? [];
    const deviceKeys = new DeviceKeys(options.deviceKeys);
    const deviceKey = (device: string, thumbprint: Uint8Array) => deviceKeys.find(device, thumbprint);
    this.bands = new Bands({ site: SITE, store: this.store, trust: this.trust, certificates, deviceKey });
    [this.visits, this.assessor, this.committer] = this.open(events, certificates);
    this.receipts = new Receipts({
      ...{ store: this.store, events, key: this.gatewayKey, certificate: this.certificate },
      ...{ timers: this.timers, wallClock: this.wallClock },
    });
    this.clock = new GatewayClock({
      wall: this.wallClock,
      monotonic: () => this.timers.now() / 1_000,
      floor: this.certificate.notBefore,
    });
    this.policies = new Policies({
      ...{ site: SITE, files: [], trust: this.trust, issuer: keyId(this.issuerKey.publicKey) },
      ...{ store: this.store, now: () => this.clock.now(), timers: this.timers, log: this.logger },
    });
    this.queue = this.makeQueue();
    this.context = this.makeContext();
    this.desk = new ForwardDesk({
      context: this.context,
      answer: (client, bytes) => {
        this.deskAnswered(client, bytes);
      },
    });
    this.ownLog = new OwnLog({ ...this.context, firmware: 'timeband-gateway test' });
  }

  readonly wallClock = (): number => this.timers.now() / 1_000 + this.clockOffset;

  /** Plugs a reader in; its session runs until the link ends. */
  plug(device: SimulatedReader): PluggedReader {
    const link = memoryLink(device);
    return { device, session: this.follow(link), link };
  }

  /** Begins a session on a link, as on one of the radio where it is a visit. */
  follow(link: Link, radio: Pick<SyncContext, 'visit' | 'buttonPunches'> = {}): Session {
    const session = new Session(link, { ...this.context, ...radio });
    this.sessions.add(session);
    void session.run().then(() => this.sessions.delete(session));
    return session;
  }

  /** A reader of this site, not plugged in yet. */
  reader(id: string): SimulatedReader {
    return createSimulatedReader({
      site: SITE,
      issuerKey: this.issuerKey,
      id,
      timers: this.timers,
      wall: START,
      settings: { signMs: 0 },
    });
  }

  /** Moves time on by this many seconds. */
  pass(seconds: number): Promise<void> {
    return this.timers.run(seconds * 1_000);
  }

  /** The records of a device that were published, by sequence number. */
  published(device: string): number[] {
    return this.events.filter((event) => event.device === device).map(({ logSeq }) => logSeq);
  }

  codes(): Set<string> {
    return new Set(this.counted.map((entry) => entry.split('@')[0] ?? ''));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.sessions, (session) => session.close()));
    await this.pass(0);
    this.store.close();
    rmSync(this.dir, { recursive: true });
  }

  private openStore(): Store {
    const file = join(this.dir, 'gateway.db');
    const { restored } = this.options;
    if (restored !== undefined) copyFileSync(restored.database, file);
    const store = new Store(file);
    if (restored !== undefined) store.epochs.open({ epoch: 2, base: store.totals().events });
    return store;
  }

  private makeQueue(): ForwardQueue | undefined {
    const { maxQueuedBytes: maxBytes } = this.options;
    if (maxBytes === undefined) return undefined;
    return new ForwardQueue({
      ...{ tables: this.store.forward, storage: { isOpen: true }, maxBytes, log: this.logger },
      counters: this.counters,
      kept: (log) => {
        this.handOver(log);
      },
    });
  }

  private makeContext(): SyncContext {
    const { gatewayKey: key, certificate, trust, store, assessor, bands, visits, committer, timers } = this;
    const { wallClock, clock, policies, receipts, logger: log } = this;
    return {
      ...{ site: SITE, gateway: this.gateway, credentials: { key, certificate, issuer: certificate, trust } },
      ...{ store, assessor, bands, visits, committer, poller: new Poller(timers), timers, wallClock, clock },
      ...{ deviceKeys: new DeviceKeys(this.options.deviceKeys), policies, receipts, log },
      ...{ counters: this.counters, forward: this.queue, isRestored: this.options.restored !== undefined },
    };
  }

  private open(events: EventLog, certificates: readonly Uint8Array[]): [Visits, Assessor, Committer] {
    const { store, trust, bands } = this;
    const operators = new Operators({ site: SITE, trust, certificates });
    const assessor = new Assessor({
      ...{ site: SITE, store, bands, tagKeys: this.options.tagKeys },
      approvers: { operatorOf: (kid, at) => operators.find(kid, at) },
    });
    const visits = new Visits(store);
    const committer = new Committer({
      store,
      assessor,
      visits,
      events,
      wallClock: this.wallClock,
      committed: (published: readonly PublishedEvent[]) => {
        for (const { message } of published) this.events.push(this.verifier.verify(message).event);
      },
      unreadable: (device, _seq, error) => this.counted.push(`${error.code}@${device}`),
      doubted: (device, _seq, error) => this.counted.push(`${error.code}@${device}`),
    });
    return [visits, assessor, committer];
  }
}
