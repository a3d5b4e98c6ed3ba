/**
 * One connection to the city from log-in to loss: it asks what stands there before it says anything, then sends its
 * state and the event log, and takes signed policy. Nothing else from the city is believed (SPEC.md, Uplink).
 */
import {
  type Certificate,
  type GatewayStatus,
  TimebandError,
  type Timers,
  type TreeHead,
} from '@timeband/protocol';
import type { Counters, EventSource } from '../broker/index.js';
import type { UplinkConfig } from '../config/index.js';
import { CityLink } from './city-link.js';
import type { UplinkCredentials } from './credentials.js';
import { EventLane, type LaneHold } from './event-lane.js';
import { UplinkFailure } from './failure.js';
import type { Gate } from './gate.js';
import type { Progress } from './progress.js';
import type { Story } from './story.js';
import type { StoryGuard } from './story-guard.js';
import type { CityTopics } from './topics.js';
import type { UrgentLane } from './urgent-lane.js';

/** How long a retained head is waited for. A broker sends it at once; nothing tells that there is none. */
export const HEAD_WAIT_MS = 2_000;
/** Where a head has to stand it is asked for again: a cluster that just lost a node grants subscriptions and forgets to send. */
const HEAD_ASKS = 5;
/** A broker that confirms nothing for so long has lost us, or its disk. */
const STALL_MS = 30_000;

interface Pace {
  readonly keepAliveSeconds: number;
  readonly headEveryMs: number;
  readonly healthEveryMs: number;
}
const PACE: Pace = { keepAliveSeconds: 60, headEveryMs: 1_000, healthEveryMs: 60_000 };
/** Where bytes are paid: events gather for a minute under one head. */
const METERED_PACE: Pace = { keepAliveSeconds: 300, headEveryMs: 60_000, healthEveryMs: 3_600_000 };

export interface SessionOptions {
  readonly url: string;
  readonly config: UplinkConfig;
  readonly topics: CityTopics;
  readonly certificate: Certificate;
  readonly credentials: UplinkCredentials;
  readonly source: EventSource;
  readonly story: Story;
  readonly guard: StoryGuard;
  readonly progress: Progress;
  readonly gate: Gate;
  readonly urgent: UrgentLane;
  /** What the health topic says, JSON. */
  readonly health: () => string;
  /** A document came from the city; nobody has looked at it. */
  readonly policy: (bytes: Uint8Array) => void;
  /** The story is ours, and it goes on. */
  readonly established: () => void;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly counters: Counters;
  readonly headWaitMs: number;
}

export class Session {
  private readonly topics: CityTopics;
  private readonly pace: Pace;
  private link: CityLink | undefined;
  private lane: EventLane | undefined;
  /** Takes heads that stand at the city, until one counts. */
  private headCame: (head: TreeHead) => void = () => undefined;
  private readonly closing = new AbortController();
  private cancels: (() => void)[] = [];

  constructor(private readonly options: SessionOptions) {
    this.topics = options.topics;
    this.pace = options.config.metered === undefined ? PACE : METERED_PACE;
  }

  get inFlight(): number {
    return this.lane?.inFlight ?? 0;
  }

  get hold(): LaneHold | undefined {
    return this.lane?.hold;
  }

  /** There may be events to send. */
  wake(): void {
    this.lane?.wake();
  }

  /** Runs until the connection is gone. @returns why it is */
  async run(): Promise<UplinkFailure> {
    try {
      const link = await this.open();
      await this.checkStory(link);
      if (link.alive) this.begin(link);
      return await link.ended;
    } catch (error) {
      return asFailure(error);
    } finally {
      this.end();
      await this.link?.close();
    }
  }

  /** Leaves the certificate at the city by which everything of this gateway is verified. */
  announceCertificate({ bytes }: Certificate): void {
    if (this.lane !== undefined) this.link?.publish(this.topics.certificate, bytes, { retain: true });
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    const { link, lane } = this;
    if (lane !== undefined) link?.publish(this.topics.status, this.status('offline'), { retain: true });
    lane?.close();
    await link?.close();
    this.closing.abort();
  }

  private async open(): Promise<CityLink> {
    const { url, config, certificate, credentials, gate, timers } = this.options;
    const link = await CityLink.open({
      signal: this.closing.signal,
      ...{ url, credentials, timers, keepAliveSeconds: this.pace.keepAliveSeconds },
      clientId: config.clientId ?? certificate.subject,
      will: { topic: this.topics.status, payload: this.status('offline') },
      message: (topic, payload) => {
        this.receive(topic, payload);
      },
      sent: (bytes) => {
        gate.sent(bytes);
      },
    });
    this.link = link;
    return link;
  }

  /** Nothing is published before this returns. @throws UplinkFailure */
  private async checkStory(link: CityLink): Promise<void> {
    const { guard, progress, counters } = this.options;
    const { certificate, head, policy } = this.topics;
    // What stands there is asked for again at each connection, so it needs no durable subscription.
    const standing = { [certificate]: 0, [head]: 0 } as const;
    let theirs = await this.askForHead(link, { ...standing, [policy('+')]: 1 });
    const asks = progress.cursor > 0 ? HEAD_ASKS : 1;
    for (let ask = 1; theirs === undefined && link.alive && ask < asks; ask++) {
      theirs = await this.askForHead(link, standing);
    }
    // One that comes later, or that another box with our name sends, counts as well.
    this.headCame = (later) => {
      guard.compare(later).catch((error: unknown) => {
        this.fail(error);
      });
    };
    if (theirs !== undefined) await guard.compare(theirs);
    else if (link.alive) counters.count('uplink/no-head');
  }

  /** Subscribes, which has the broker send what is retained. @throws UplinkFailure */
  private async askForHead(
    link: CityLink,
    filters: Readonly<Record<string, 0 | 1>>,
  ): Promise<TreeHead | undefined> {
    const { timers, headWaitMs } = this.options;
    let cancel = (): void => undefined;
    const head = new Promise<TreeHead | undefined>((resolve) => {
      this.headCame = resolve;
      cancel = timers.after(headWaitMs, () => {
        resolve(undefined);
      });
    });
    try {
      await link.subscribe(filters);
      return await Promise.race([head, link.ended.then(() => undefined)]);
    } finally {
      cancel();
    }
  }

  private begin(link: CityLink): void {
    const { options, topics, pace } = this;
    const { source, story, progress, gate, timers, counters, config, certificate, urgent } = options;
    options.established();
    urgent.attach(link, progress.cursor);
    this.lane = new EventLane({
      ...{ link, source, story, topics, progress, gate, timers, counters },
      ...{ window: config.window, json: config.json, headEveryMs: pace.headEveryMs },
      failed: (error) => {
        this.fail(error);
      },
    });
    this.lane.start();
    this.announceCertificate(certificate);
    link.publish(topics.status, this.status('online'), { retain: true });
    this.every(pace.healthEveryMs, () => {
      link.publish(topics.health, options.health(), { qos: 0, retain: true });
    });
    let before = { cursor: progress.cursor, inFlight: 0 };
    this.every(STALL_MS, () => {
      const now = { cursor: progress.cursor, inFlight: this.inFlight };
      if (before.inFlight > 0 && now.inFlight > 0 && now.cursor === before.cursor) {
        this.fail(new UplinkFailure('uplink/stalled', 'the broker confirms nothing any more'));
      }
      before = now;
    });
  }

  private end(): void {
    this.lane?.close();
    this.options.urgent.detach();
    this.options.progress.restart();
    for (const cancel of this.cancels) cancel();
    this.cancels = [];
  }

  private receive(topic: string, payload: Uint8Array): void {
    const { guard, policy, counters } = this.options;
    const policyPrefix = this.topics.policy('');
    if (topic === this.topics.certificate) guard.certificate(payload);
    else if (topic === this.topics.head) this.receiveHead(payload);
    else if (topic.startsWith(policyPrefix)) policy(payload);
    else counters.count('uplink/unasked');
  }

  private receiveHead(payload: Uint8Array): void {
    const head = this.options.guard.open(payload);
    if (head !== undefined) this.headCame(head);
  }

  private fail(error: unknown): void {
    this.link?.break(asFailure(error));
  }

  /** Now, and from now on. */
  private every(ms: number, work: () => void): void {
    const { timers } = this.options;
    let cancel = (): void => undefined;
    this.cancels.push(() => {
      cancel();
    });
    const turn = (): void => {
      cancel = timers.after(ms, turn);
      work();
    };
    turn();
  }

  private status(state: GatewayStatus['state']): string {
    const { site, subject: gateway } = this.options.certificate;
    const since = Math.floor(this.options.wallClock());
    return JSON.stringify({ state, gateway, site, since } satisfies GatewayStatus);
  }
}

/** What is no failure of the connection is one of the log: it contradicts what was signed, or cannot be read. */
function asFailure(error: unknown): UplinkFailure {
  if (error instanceof UplinkFailure) return error;
  const code = error instanceof TimebandError ? 'uplink/fork' : 'uplink/read';
  return new UplinkFailure(code, (error as Error).message);
}
