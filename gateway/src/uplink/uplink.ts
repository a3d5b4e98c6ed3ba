/**
 * The way to the city: keeps one connection to its broker, one address after another, and says plainly why there is
 * none. What is owed to the city is in the event log and in the store, so that being away costs nothing but time
 * (SPEC.md, Uplink).
 */
import type { Certificate, Timers, TrustStore } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Counters, EventSource, PublishedEvent } from '../broker/index.js';
import type { UplinkConfig } from '../config/index.js';
import { Backoff } from '../link/index.js';
import type { UplinkTable } from '../store/index.js';
import { FaultReporter } from '../sync/index.js';
import { readUplinkCredentials } from './credentials.js';
import type { LaneHold } from './event-lane.js';
import { type FailureState, type UplinkFailureCode, failureOf, UplinkFailure } from './failure.js';
import { Gate } from './gate.js';
import { Progress } from './progress.js';
import { HEAD_WAIT_MS, Session } from './session.js';
import type { Story } from './story.js';
import { StoryGuard } from './story-guard.js';
import { cityTopics, type CityTopics } from './topics.js';
import { UrgentLane } from './urgent-lane.js';

export interface UplinkOptions {
  readonly config: UplinkConfig;
  /** Where the files of the configuration are. */
  readonly dataDir: string;
  /** Of this gateway. */
  readonly certificate: Certificate;
  /** Certificates of its earlier keys. */
  readonly earlierCertificates: readonly Uint8Array[];
  readonly trust: TrustStore;
  readonly source: EventSource;
  readonly story: Story;
  readonly table: UplinkTable;
  /** When the event at a position was stored (Unix seconds). */
  readonly recordedAt: (position: number) => number | undefined;
  readonly policies: { take(bytes: Uint8Array): unknown };
  /** What the health topic says, JSON. */
  readonly health: () => string;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly log: Logger;
  readonly counters: Counters;
  /** How long a head that stands at the city is waited for, in milliseconds. */
  readonly headWaitMs?: number | undefined;
}

export type UplinkState = 'connecting' | 'connected' | FailureState | 'closed';

/** What `status` and the health topic say of the uplink. */
export interface UplinkReport {
  readonly state: UplinkState;
  /** Unix seconds. */
  readonly since: number;
  readonly url: string;
  /** Events that the city has not confirmed. */
  readonly backlog: number;
  /** Seconds since the oldest of them was stored; absent where there is none. */
  readonly oldestAge: number | undefined;
  /** Position up to which the city has confirmed every event. */
  readonly cursor: number;
  readonly inFlight: number;
  /** Calls for help that are not confirmed. */
  readonly urgent: number;
  /** Why no event goes just now although there is a connection. */
  readonly hold: LaneHold | undefined;
  /** What went wrong last; absent while it is connected. */
  readonly problem:
    { readonly code: UplinkFailureCode; readonly message: string; readonly remedy: string } | undefined;
}

/** Milliseconds before the next attempt, at least and at most. Where a person is needed haste helps nobody. */
const PAUSES: Readonly<Record<FailureState, readonly [number, number]>> = {
  waiting: [1_000, 120_000],
  refused: [30_000, 900_000],
  blocked: [900_000, 900_000],
};
/** Between the brokers of one cluster. */
const NEXT_ADDRESS_MS = 250;
/** A cluster that lost a node refuses subscriptions until it has elected another: for so long that is no word on our rights. */
const ELECTION_MS = 60_000;

export class Uplink {
  private readonly urls: readonly string[];
  private readonly topics: CityTopics;
  private readonly progress: Progress;
  private readonly gate: Gate;
  private readonly urgent: UrgentLane;
  private readonly guard: StoryGuard;
  private readonly faults: FaultReporter;
  private session: Session | undefined;
  private status: { readonly state: UplinkState; readonly since: number };
  private problem: UplinkFailure | undefined;
  private backoff: { readonly state: FailureState; readonly backoff: Backoff } | undefined;
  /** When there was a connection last, on the clock of `timers`. */
  private connectedAt = -Infinity;
  /** Attempts since the last connection. */
  private attempts = 0;
  private address = 0;
  private wakeUp = (): void => undefined;
  private running: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: UplinkOptions) {
    const { config, certificate, trust, story, source, table, timers, wallClock, log, counters } = options;
    this.urls = [config.url].flat();
    this.topics = cityTopics(certificate.site, certificate.subject, config.topicPrefix);
    this.faults = new FaultReporter('uplink', counters, log, timers);
    const saveFailed = (error: Error): void => {
      counters.count('uplink/save');
      log.error({ err: error }, 'cannot save how far the city has confirmed; trying again');
    };
    this.progress = new Progress({ table, timers, saveFailed });
    this.gate = new Gate({ config, table, timers, wallClock, saveFailed });
    this.urgent = new UrgentLane({ source, topics: this.topics, table, timers, counters, saveFailed });
    this.guard = new StoryGuard({
      ...{ certificate, earlier: options.earlierCertificates, trust, story },
      ignored: (error) => {
        this.faults.report(error);
      },
    });
    this.status = { state: 'connecting', since: Math.floor(wallClock()) };
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Takes the events of a commit that is on disk. */
  committed(events: readonly PublishedEvent[]): void {
    this.urgent.committed(events);
    this.session?.wake();
  }

  /** Hands on a call that was heard in the air, JSON. */
  hint(payload: string): void {
    this.urgent.hint(payload);
  }

  report(): UplinkReport {
    const { progress, session, problem, urgent, options } = this;
    const { cursor } = progress;
    const backlog = Math.max(0, options.source.head - cursor);
    const recorded = backlog > 0 ? options.recordedAt(cursor + 1) : undefined;
    return {
      ...this.status,
      url: this.url,
      ...{ backlog, cursor, inFlight: session?.inFlight ?? 0, urgent: urgent.waiting },
      oldestAge: recorded === undefined ? undefined : Math.max(0, Math.floor(options.wallClock() - recorded)),
      hold: session?.hold,
      problem: problem && { code: problem.code, message: problem.message, remedy: problem.remedy },
    };
  }

  /** The certificate of this gateway was renewed. */
  renewed(): void {
    this.session?.announceCertificate(this.options.certificate);
  }

  /** Tries again at once: somebody has put something right. */
  retry(): void {
    this.wakeUp();
  }

  /** Sends what is under way, says goodbye, and saves how far it came. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.wakeUp();
    await this.session?.close();
    await this.running;
    this.progress.close();
    this.gate.close();
    this.become('closed');
  }

  private get url(): string {
    return this.urls[this.address % this.urls.length] ?? '';
  }

  private async run(): Promise<void> {
    do {
      const failure = this.weigh(await this.connect());
      this.session = undefined;
      if (!this.isClosed) {
        this.failed(failure);
        await this.pause(this.pauseAfter(failure));
      }
    } while (!this.isClosed);
  }

  /** One connection, until it is gone. */
  private async connect(): Promise<UplinkFailure> {
    try {
      const { options, url, topics, progress, gate, urgent, guard } = this;
      const { config, dataDir, certificate, source, story, health, timers, wallClock, counters } = options;
      this.session = new Session({
        ...{ url, config, topics, certificate, source, story, guard, progress, gate, urgent, health },
        ...{ timers, wallClock, counters, headWaitMs: options.headWaitMs ?? HEAD_WAIT_MS },
        credentials: readUplinkCredentials(config, dataDir),
        policy: (bytes) => {
          this.take(bytes);
        },
        established: () => {
          this.established();
        },
      });
      return await this.session.run();
    } catch (error) {
      return failureOf(error);
    }
  }

  /** What was granted a moment ago is hardly denied now. */
  private weigh(failure: UplinkFailure): UplinkFailure {
    const now = this.options.timers.now();
    if (this.status.state === 'connected') this.connectedAt = now;
    return failure.code === 'uplink/denied' && now - this.connectedAt < ELECTION_MS
      ? new UplinkFailure('uplink/unavailable', failure.message)
      : failure;
  }

  private take(bytes: Uint8Array): void {
    try {
      this.options.policies.take(bytes);
    } catch (error) {
      this.faults.report(error as Error);
    }
  }

  private established(): void {
    this.attempts = 0;
    this.backoff = undefined;
    this.problem = undefined;
    this.become('connected');
    const { backlog, cursor } = this.report();
    this.options.counters.count('uplink/connected');
    this.options.log.info({ url: this.url, backlog, cursor }, 'connected to the city');
  }

  private failed(failure: UplinkFailure): void {
    const { log, counters } = this.options;
    const { code, state, message, remedy } = failure;
    counters.count(code);
    const line = { code, url: this.url, remedy };
    // The same again is no news: once it is said, the counter says how often.
    if (this.problem?.code !== code) {
      if (state === 'waiting') log.warn(line, `no connection to the city: ${message}`);
      else log.error(line, `ALARM: no connection to the city: ${message}`);
    }
    this.problem = failure;
    this.attempts++;
    this.address++;
    this.become(state);
  }

  /** The other brokers of a cluster are tried soon, and all of them again after a while. */
  private pauseAfter({ state }: UplinkFailure): number {
    if (state !== 'blocked' && this.attempts % this.urls.length !== 0) return NEXT_ADDRESS_MS;
    if (this.backoff?.state !== state) this.backoff = { state, backoff: new Backoff(...PAUSES[state]) };
    return this.backoff.backoff.next();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.timers.after(ms, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
      if (this.isClosed) this.wakeUp();
    });
  }

  private become(state: UplinkState): void {
    if (this.status.state === state) return;
    this.status = { state, since: Math.floor(this.options.wallClock()) };
  }
}
