/**
 * The way to the site's primary gateway: keeps one connection to whichever gateway policy names, and says plainly why
 * there is none. What waits is in the store, so that being away costs nothing but time (SPEC.md, Forward).
 */
import { gatewayTopics, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials, ForwardConfig, PeerConfig } from '../config/index.js';
import { Backoff } from '../link/index.js';
import type { ForwardTables, PeerCursor } from '../store/index.js';
import { type Counters, FaultReporter } from '../sync/index.js';
import { CityLink, failureOf, readUplinkCredentials, type UplinkFailure } from '../uplink/index.js';
import { Handover } from './handover.js';
import { type PeerFailureCode, peerFailure } from './peer-failure.js';
import type { ForwardQueue } from './queue.js';

export interface PeerLinkOptions {
  readonly site: string;
  readonly gateway: string;
  readonly config: ForwardConfig;
  readonly dataDir: string;
  readonly credentials: Pick<Credentials, 'key' | 'certificate' | 'trust'>;
  readonly policies: { readonly primary?: string | undefined };
  readonly tables: ForwardTables;
  readonly queue: ForwardQueue;
  /** Hands a forward to this gateway's own desk, for when it has become the primary itself. */
  readonly toSelf: (bytes: Uint8Array) => void;
  readonly now: () => number | undefined;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly counters: Counters;
  readonly log: Logger;
}

/** `idle`: nobody else is the primary. `unknown`: who is does not stand in the settings. */
export type PeerState = 'idle' | 'unknown' | 'connecting' | 'connected' | 'waiting' | 'refused' | 'closed';

/** What `status` and the health topic say of the way to the primary. */
export interface ForwardReport {
  readonly state: PeerState;
  /** Unix seconds. */
  readonly since: number;
  readonly primary: string | undefined;
  readonly url: string | undefined;
  /** What waits, and how much of the room it takes. */
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** There is no room: records stay in their devices. */
  readonly full: boolean;
  /** Seconds since the oldest was read; absent where nothing waits. */
  readonly oldestAge: number | undefined;
  readonly inFlight: number;
  /** Devices whose records the primary does not take, and why. */
  readonly refused: readonly { readonly device: string; readonly code: string }[];
  /** How far each that was the primary has confirmed. */
  readonly cursors: readonly PeerCursor[];
  readonly problem:
    { readonly code: PeerFailureCode; readonly message: string; readonly remedy: string } | undefined;
}

const KEEP_ALIVE_SECONDS = 30;
/** Milliseconds before the next attempt, at least and at most. */
const PAUSES = { waiting: [1_000, 60_000], refused: [30_000, 600_000] } as const;

export class PeerLink {
  private status: { readonly state: PeerState; readonly since: number };
  private problem: ForwardReport['problem'];
  private link: CityLink | undefined;
  private handover: Handover | undefined;
  private backoff: { readonly state: keyof typeof PAUSES; readonly backoff: Backoff } | undefined;
  private readonly closing = new AbortController();
  private readonly faults: FaultReporter;
  private wakeUp = (): void => undefined;
  private running: Promise<void> | undefined;
  private isClosed = false;
  private connectedTo: string | undefined;

  constructor(private readonly options: PeerLinkOptions) {
    const { counters, log, timers, wallClock } = options;
    this.faults = new FaultReporter('forward', counters, log, timers);
    this.status = { state: 'idle', since: Math.floor(wallClock()) };
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Records of a log wait now. */
  kept(log: number): void {
    this.handover?.wake(log);
  }

  /** Policy may name another primary now: what waits goes there. */
  policyChanged(): void {
    if (this.link !== undefined && this.connectedTo !== this.primary) {
      this.handover?.close();
      void this.link.close();
    }
    this.wakeUp();
  }

  report(): ForwardReport {
    const { tables, queue, config, wallClock } = this.options;
    const { oldest, ...waiting } = tables.totals;
    const refused = tables
      .logs()
      .flatMap(({ device, refused: code }) => (code === undefined ? [] : [{ device, code }]));
    return {
      ...this.status,
      primary: this.options.policies.primary,
      url: this.peer?.url,
      ...waiting,
      maxBytes: config.maxQueuedMb * 1_000_000,
      full: queue.isFull,
      oldestAge: oldest === undefined ? undefined : Math.max(0, Math.floor(wallClock() - oldest)),
      inFlight: this.handover?.inFlight ?? 0,
      refused,
      cursors: tables.cursors(),
      problem: this.problem,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wakeUp();
    this.handover?.close();
    this.closing.abort();
    await this.link?.close();
    await this.running;
    this.become('closed');
  }

  /** Who else is the primary. */
  private get primary(): string | undefined {
    const { policies, gateway } = this.options;
    return policies.primary === gateway ? undefined : policies.primary;
  }

  private get peer(): PeerConfig | undefined {
    return this.options.config.to.find(({ gateway }) => gateway === this.primary);
  }

  private async run(): Promise<void> {
    while (!this.hasClosed()) {
      const { primary, peer } = this;
      if (this.options.policies.primary === this.options.gateway) {
        await this.handOverToSelf();
        continue;
      }
      if (primary === undefined || peer === undefined) {
        this.problem = undefined;
        this.become(primary === undefined ? 'idle' : 'unknown');
        if (primary !== undefined) {
          this.options.log.warn(
            { primary },
            'the primary gateway does not stand in forward.to: records wait here',
          );
        }
        await this.pause(undefined);
        continue;
      }
      this.become('connecting');
      const failure = await this.connect(primary, peer);
      this.handover?.close();
      this.handover = undefined;
      this.link = undefined;
      this.connectedTo = undefined;
      if (this.hasClosed() || this.primary !== primary) continue;
      await this.pause(this.failed(failure));
    }
  }

  /** The desk of this gateway has answered. */
  answered(bytes: Uint8Array): void {
    if (this.connectedTo === this.options.gateway) this.handover?.answered(bytes);
  }

  /** What was read for another one, until this gateway became the primary, counts here like any other's. */
  private async handOverToSelf(): Promise<void> {
    const { gateway, toSelf } = this.options;
    this.problem = undefined;
    this.become('idle');
    this.connectedTo = gateway;
    const handover = new Handover({ ...this.options, primary: gateway, faults: this.faults, send: toSelf });
    this.handover = handover;
    handover.wake();
    await this.pause(undefined);
    handover.close();
    this.handover = undefined;
    this.connectedTo = undefined;
  }

  private hasClosed(): boolean {
    return this.isClosed;
  }

  private async connect(primary: string, peer: PeerConfig): Promise<UplinkFailure> {
    const { site, gateway, dataDir, timers, counters, log } = this.options;
    const topics = gatewayTopics(site, primary);
    const answers = topics.forwardAnswer(gateway);
    this.connectedTo = primary;
    try {
      const link = await CityLink.open({
        ...{ url: peer.url, clientId: gateway, keepAliveSeconds: KEEP_ALIVE_SECONDS, timers },
        credentials: readUplinkCredentials({ ...peer, user: gateway }, dataDir),
        signal: this.closing.signal,
        message: (topic, payload) => {
          if (topic === answers) this.handover?.answered(payload);
        },
        sent: () => undefined,
      });
      this.link = link;
      await link.subscribe({ [answers]: 1 });
      if (this.primary !== primary) {
        await link.close(); // it has changed meanwhile
        return await link.ended;
      }
      const handover = new Handover({
        ...this.options,
        ...{ primary, faults: this.faults },
        send: (bytes) => {
          link.publish(topics.forward(gateway), bytes);
        },
      });
      this.handover = handover;
      this.backoff = undefined;
      this.problem = undefined;
      this.become('connected');
      counters.count('peer/connected');
      log.info({ primary, url: peer.url }, 'connected to the primary gateway');
      handover.wake();
      return await link.ended;
    } catch (error) {
      await this.link?.close();
      return failureOf(error);
    }
  }

  /** @returns how long to wait */
  private failed(error: UplinkFailure): number {
    const { log, counters } = this.options;
    const failure = peerFailure(error);
    counters.count(failure.code);
    // The same again is no news: once it is said, the counter says how often.
    if (this.problem?.code !== failure.code) {
      log.warn(
        { code: failure.code, remedy: failure.remedy },
        `no connection to the primary: ${failure.message}`,
      );
    }
    const { code, message, remedy, state } = failure;
    this.problem = { code, message, remedy };
    this.become(state);
    if (this.backoff?.state !== state)
      this.backoff = { state, backoff: new Backoff(PAUSES[state][0], PAUSES[state][1]) };
    return this.backoff.backoff.next();
  }

  private pause(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = ms === undefined ? () => undefined : this.options.timers.after(ms, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
      if (this.isClosed) this.wakeUp();
    });
  }

  private become(state: PeerState): void {
    if (this.status.state === state) return;
    this.status = { state, since: Math.floor(this.options.wallClock()) };
  }
}
