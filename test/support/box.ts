/**
 * The gateway's steps from link to event log in this process, on a clock that the test moves, with real SQLite and
 * simulated readers on links in memory that carry real frames.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer, EventLog, Poller, type PublishedEvent, Session, Store, Visits } from '@timeband/gateway';
import { type Event, EventVerifier, issueCertificate, PrivateKey, TrustStore } from '@timeband/protocol';
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
const START = 1_800_000_000;

export interface PluggedReader {
  readonly device: SimulatedReader;
  readonly session: Session;
  readonly link: MemoryLink;
}

export class Box {
  readonly timers = new ManualTimers(START * 1_000);
  readonly issuerKey = PrivateKey.generate();
  /** Verified as a subscriber would. */
  readonly events: Event[] = [];
  /** Lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  /** `code@link`, as often as counted. */
  readonly counted: string[] = [];
  store: Store;
  private readonly dir = mkdtempSync(join(tmpdir(), 'timeband-box-'));
  private readonly gatewayKey = PrivateKey.generate();
  private readonly trust = new TrustStore([this.issuerKey.publicKey]);
  private readonly certificate = this.trust.verify(
    issueCertificate(this.issuerKey, {
      issuer: SITE,
      subject: GATEWAY,
      role: 'gateway',
      site: SITE,
      notBefore: 0,
      expires: 4_000_000_000,
      key: this.gatewayKey.publicKey,
    }),
    { roles: ['gateway'], site: SITE },
  );
  private readonly verifier = new EventVerifier();
  private committer: Committer;
  private visits: Visits;
  private readonly plugged: PluggedReader[] = [];

  constructor() {
    this.verifier.trust(this.certificate);
    this.store = new Store(join(this.dir, 'gateway.db'));
    [this.visits, this.committer] = this.open();
  }

  /** Plugs a reader in; its session runs until the link ends. */
  plug(device: SimulatedReader): PluggedReader {
    const link = memoryLink(device);
    const session = new Session(link, {
      site: SITE,
      gateway: GATEWAY,
      credentials: {
        key: this.gatewayKey,
        certificate: this.certificate,
        issuer: this.certificate,
        trust: this.trust,
      },
      store: this.store,
      visits: this.visits,
      committer: this.committer,
      poller: new Poller(this.timers),
      timers: this.timers,
      wallClock: () => this.timers.now() / 1_000,
      counters: { count: (name, label) => this.counted.push(`${name}@${label ?? ''}`) },
      log: pino(
        { level: 'debug' },
        { write: (line: string) => this.log.push(JSON.parse(line) as Readonly<Record<string, unknown>>) },
      ),
    });
    void session.run();
    const reader = { device, session, link };
    this.plugged.push(reader);
    return reader;
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
    await Promise.all(this.plugged.map(({ session }) => session.close()));
    await this.pass(0);
    this.store.close();
    rmSync(this.dir, { recursive: true });
  }

  private open(): [Visits, Committer] {
    const visits = new Visits(this.store);
    const committer = new Committer({
      store: this.store,
      visits,
      events: new EventLog(this.store, this.gatewayKey, this.certificate),
      wallClock: () => this.timers.now() / 1_000,
      committed: (published: readonly PublishedEvent[]) => {
        for (const { message } of published) this.events.push(this.verifier.verify(message).event);
      },
      unreadable: (device, _seq, error) => this.counted.push(`${error.code}@${device}`),
    });
    return [visits, committer];
  }
}
