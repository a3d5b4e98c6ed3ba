/**
 * The radio as a whole: one controller after another, from whatever made the last one fail to scanning again, and the
 * visits that come of it. Everything is told by events; nothing here knows what a record is.
 */
import { GattLink, type Timers } from '@timeband/protocol';
import {
  AddressResolver,
  type Adopted,
  type BandKey,
  type ConnectionPlan,
  Connector,
  GattSession,
  type HciMonitor,
  type HciPort,
  Pause,
  type PeerAddress,
  type RadioCounters,
  RadioFailure,
  RadioStack,
} from '@timeband/radio';
import { type Candidate, choose, type Occupancy } from './scheduler.js';
import { type Sighting, Sightings } from './sightings.js';
import { Visit } from './visit.js';
import { VisitHistory } from './visit-history.js';

export type RadioState =
  | { readonly state: 'starting' }
  | { readonly state: 'scanning' }
  | { readonly state: 'down'; readonly failure: RadioFailure }
  | { readonly state: 'closed' };

export interface RadioOptions {
  /** A port of its own for every attempt. */
  readonly port: () => HciPort;
  readonly bands: Iterable<BandKey>;
  readonly maxConnections: number;
  readonly timers: Timers;
  readonly counters: RadioCounters;
  readonly monitor?: HciMonitor | undefined;
  readonly changed: (state: RadioState) => void;
  readonly sighted: (sighting: Sighting) => void;
  /** A link is up, and it is the listener's to use and close. */
  readonly visited: (visit: Visit) => void;
}

/** From a failure to the next attempt: at once, and longer where that did not help. */
const RETRY_MS = { least: 250, most: 2_000 } as const;

export class Radio {
  state: RadioState = { state: 'starting' };
  private readonly sightings: Sightings;
  private readonly history = new VisitHistory();
  private readonly ongoing = new Map<string, Sighting>();
  private readonly pause: Pause;
  private stack: RadioStack | undefined;
  private connector: Connector | undefined;
  private lastHeardAt: number | undefined;
  private maxConnections: number;
  /** Devices for which there was no connection yet, when that was looked at last. */
  private waiting = 0;
  private isClosed = false;
  private finished: Promise<void> | undefined;

  constructor(private readonly options: RadioOptions) {
    const { timers, counters, bands } = options;
    this.pause = new Pause(timers);
    this.maxConnections = options.maxConnections;
    this.sightings = new Sightings({
      resolver: new AddressResolver(bands, timers),
      ...{ timers, counters },
      changed: (sighting) => {
        this.history.changed(sighting);
        options.sighted(sighting);
        this.connector?.hurry(sighting.state?.help ?? false);
      },
    });
  }

  /** Begins, and goes on until it is closed. */
  start(): void {
    this.finished = this.run();
  }

  /** Hangs up and lets go of the controller. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.connector?.close();
    this.pause.wake();
    await this.stack?.close();
    await this.finished;
    this.enter({ state: 'closed' });
  }

  /** Devices in range. */
  present(): Sighting[] {
    return this.sightings.present();
  }

  get connections(): number {
    return this.stack?.connections ?? 0;
  }

  /** Devices that noble holds in memory. */
  get remembered(): number {
    return this.stack?.remembered ?? 0;
  }

  /** Listeners on noble. */
  get listeners(): number {
    return this.stack?.listeners ?? 0;
  }

  private async run(): Promise<void> {
    let retryMs: number = RETRY_MS.least;
    while (!this.isClosed) {
      const failure = await this.useController(() => {
        retryMs = RETRY_MS.least;
      });
      if (failure === undefined) return;
      this.options.counters.count(failure.code);
      this.enter({ state: 'down', failure });
      await this.pause.take(retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS.most);
    }
  }

  /** @returns what ended it; nothing when it was closed */
  private async useController(works: () => void): Promise<RadioFailure | undefined> {
    if (this.state.state !== 'down') this.enter({ state: 'starting' });
    const { port, timers, counters, monitor } = this.options;
    let failure: RadioFailure | undefined;
    let connector: Connector | undefined;
    const failed = (reason: RadioFailure): void => {
      failure ??= reason;
      connector?.close();
    };
    const stack = new RadioStack({
      ...{ port: port(), timers, counters, monitor, failed },
      advert: (report) => {
        this.lastHeardAt = timers.now();
        this.sightings.hear(report);
      },
      connected: (adopted) => {
        connector?.attempted();
        if (adopted !== undefined) void this.visit(stack, adopted);
      },
    });
    this.stack = stack;
    this.lastHeardAt = undefined;
    try {
      await stack.start();
      connector = new Connector({
        ...{ driver: stack.driver, timers, counters, failed },
        plan: (acceptList, leadMs) => this.plan(acceptList, leadMs),
        missed: (targets, from) => {
          this.missed(targets, from);
        },
        limited: () => {
          this.maxConnections = Math.max(1, stack.connections);
        },
        lastHeardAt: () => this.lastHeardAt,
      });
      await connector.start();
      this.connector = connector;
      works();
      this.enter({ state: 'scanning' });
      await connector.run();
    } catch (error) {
      if (!(error instanceof RadioFailure)) throw error;
      failure ??= error;
    } finally {
      this.connector = undefined;
      await stack.close();
    }
    return this.isClosed ? undefined : (failure ?? new RadioFailure('radio/port', 'the port was closed'));
  }

  private plan(acceptList: number, leadMs: number): ConnectionPlan {
    const now = this.options.timers.now();
    const begins = now + leadMs;
    const busy = new Set(Array.from(this.ongoing.values(), ({ device }) => device));
    const candidates: Candidate[] = [];
    for (const sighting of this.sightings.present()) {
      const { address, device } = sighting;
      if (this.ongoing.has(address.key) || (device !== undefined && busy.has(device))) continue;
      const candidate = this.history.candidate(sighting, now, begins);
      if (candidate !== undefined) candidates.push(candidate);
    }
    const limits = { connections: this.maxConnections, acceptList };
    const { keys, ...plan } = choose(candidates, { now, begins }, this.occupancy, limits);
    this.waiting = plan.waiting;
    return { ...plan, targets: keys.flatMap((key) => this.sightings.find(key)?.address ?? []) };
  }

  private get occupancy(): Occupancy {
    const ongoing = [...this.ongoing.values()];
    return {
      connections: Math.max(ongoing.length, this.connections),
      strangers: ongoing.filter(({ device }) => device === undefined).length,
    };
  }

  private missed(targets: readonly PeerAddress[], from: number): void {
    const now = this.options.timers.now();
    for (const { key } of targets) {
      const sighting = this.sightings.find(key);
      if (sighting !== undefined && !this.ongoing.has(key)) this.history.missed(sighting, from, now);
    }
  }

  private async visit(stack: RadioStack, { handle, address, peripheral }: Adopted): Promise<void> {
    const { timers, counters } = this.options;
    const sighting = this.sightings.find(address.key);
    if (sighting === undefined) {
      stack.driver.disconnect(handle);
      return;
    }
    this.ongoing.set(address.key, sighting);
    const name = `radio/${sighting.device ?? 'stranger'}`;
    const handles = this.history.handles(sighting);
    const session = new GattSession({ name, driver: stack.driver, handle, peripheral, timers, handles });
    try {
      this.history.learned(sighting, await session.open());
    } catch {
      counters.count('visit/not-opened');
      await session.close();
      this.ended(sighting, 'notOpened');
      return;
    }
    const link = new GattLink(session, timers);
    const visit = new Visit({
      ...{ sighting, link, timers, isCrowded: this.waiting > this.maxConnections },
      ended: (outcome) => {
        this.ended(sighting, outcome === 'done' ? 'succeeded' : 'failed');
      },
    });
    counters.count('visit/opened');
    this.options.visited(visit);
  }

  private ended(sighting: Sighting, outcome: 'succeeded' | 'failed' | 'notOpened'): void {
    this.ongoing.delete(sighting.address.key);
    this.options.counters.count(outcome === 'succeeded' ? 'visit/done' : 'visit/failed');
    this.history[outcome](sighting, this.options.timers.now());
    this.connector?.hurry(false);
  }

  private enter(state: RadioState): void {
    this.state = state;
    this.options.changed(state);
  }
}
