/**
 * Delivers the event log to every session that subscribed to events, each at its own pace (SPEC.md, Topics).
 * Events never pass through the broker library's queues: the log is the durable queue, a session is a cursor into it,
 * and a slow subscriber costs a position, not memory.
 */
import { eventJson, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { CursorSaver } from './cursor-saver.js';
import { Delivery, type DeliveryHost, type DeliveryOptions } from './delivery.js';
import { EventRing, type RingLimits } from './event-ring.js';
import type { Counters, CursorStore, EventSource, PublishedEvent } from './ports.js';

export interface PumpLimits {
  readonly ring: RingLimits;
  /** QoS 1 messages of a session under way at once. */
  readonly window: number;
  /** A socket that holds more unsent bytes gets nothing new. */
  readonly maxBuffered: number;
  /** Events read at once for a session. */
  readonly page: number;
  /** A subscriber that is waited for this long is disconnected. */
  readonly stallMs: number;
  /** After this long the other work of the process has its turn. */
  readonly turnMs: number;
}

export const PUMP_LIMITS: PumpLimits = {
  ring: { events: 2_048, bytes: 2 * 1024 * 1024 },
  window: 512,
  maxBuffered: 256 * 1024,
  page: 256,
  stallMs: 60_000,
  turnMs: 10,
};

export interface EventPumpOptions {
  readonly source: EventSource;
  readonly cursors: CursorStore;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
  readonly limits?: Partial<PumpLimits> | undefined;
}

export interface PumpStats {
  /** Sessions that events are sent to just now. */
  readonly attached: number;
  readonly sent: number;
  readonly inFlight: number;
  readonly ringEvents: number;
  readonly ringBytes: number;
}

export type SessionOptions = Pick<DeliveryOptions, 'clientId' | 'account' | 'durable' | 'subscriptions'>;

export class EventPump {
  private readonly limits: PumpLimits;
  private readonly ring: EventRing;
  private readonly saver: CursorSaver;
  private readonly host: DeliveryHost;
  private readonly attached = new Set<Delivery>();
  private readonly ready = new Set<Delivery>();
  private readonly twins = new WeakMap<PublishedEvent, Uint8Array>();
  private turn: NodeJS.Immediate | undefined;
  private cancelStallCheck: (() => void) | undefined;
  private sent = 0;

  constructor(private readonly options: EventPumpOptions) {
    this.limits = { ...PUMP_LIMITS, ...options.limits };
    this.ring = new EventRing(options.source.head, this.limits.ring);
    this.saver = new CursorSaver({ ...options, store: options.cursors });
    this.host = {
      after: (position) => this.after(position),
      twin: (event) => this.twin(event),
      schedule: (delivery) => {
        this.schedule(delivery);
      },
      moved: (delivery) => {
        this.saver.touch(delivery);
      },
      sent: (messages) => {
        this.sent += messages;
      },
      now: options.timers.now,
    };
  }

  /** Sequence number of the newest event, announced here or only in the log yet. */
  get head(): number {
    return Math.max(this.ring.head, this.options.source.head);
  }

  /** Takes the events of a commit that is on disk. They go out in the next turn of the loop. */
  committed(events: readonly PublishedEvent[]): void {
    for (const event of events) this.ring.push(event);
    for (const delivery of this.attached) this.schedule(delivery);
  }

  /** A session that subscribed to events: from its saved cursor if it is durable and has one, or from the head. */
  open(session: SessionOptions): Delivery {
    const { window, maxBuffered } = this.limits;
    const cursor = this.startingPoint(session);
    const delivery = new Delivery({ ...session, cursor, window, maxBuffered }, this.host);
    this.establish(delivery);
    return delivery;
  }

  /** Starts a session anew at the head, after it had unsubscribed from all events. */
  restart(delivery: Delivery): void {
    delivery.restart(this.head);
    this.establish(delivery);
  }

  /** Sends to this socket until {@link detach}. */
  attach(delivery: Delivery, socket: NonNullable<Delivery['attachedTo']>): void {
    this.attached.add(delivery);
    delivery.attach(socket);
    this.watchForStalls();
  }

  /** The connection ended; a durable session's cursor is on disk when this returns. */
  detach(delivery: Delivery): void {
    this.attached.delete(delivery);
    this.ready.delete(delivery);
    delivery.detach();
    if (delivery.durable) this.saver.flush();
  }

  /** Forgets a durable session's cursor. @throws what the store throws */
  forget(clientId: string, account: string): void {
    this.saver.remove(clientId, account);
  }

  close(): void {
    for (const delivery of [...this.attached]) this.detach(delivery);
    if (this.turn !== undefined) clearImmediate(this.turn);
    this.cancelStallCheck?.();
    this.saver.close();
  }

  /** `sent` counts messages since the start. */
  stats(): PumpStats {
    const { attached, sent, ring } = this;
    let inFlight = 0;
    for (const delivery of attached) inFlight += delivery.inFlight;
    return { attached: attached.size, sent, inFlight, ringEvents: ring.size, ringBytes: ring.bytes };
  }

  private startingPoint({ clientId, account, durable }: SessionOptions): number {
    const { head } = this;
    const saved = durable ? this.options.cursors.load(clientId, account) : undefined;
    if (saved === undefined || saved <= head) return saved ?? head;
    this.options.counters.count('broker/cursor-ahead');
    this.options.log.warn(
      { account, clientId, cursor: saved, head },
      'a subscriber has acknowledged more events than there are; it starts at the head',
    );
    return head;
  }

  /** A new durable session has its place on disk before anybody relies on it. */
  private establish(delivery: Delivery): void {
    this.saver.touch(delivery);
    if (delivery.durable) this.saver.flush();
  }

  private after(position: number): readonly PublishedEvent[] {
    const { page } = this.limits;
    if (position >= this.ring.floor) return this.ring.after(position, page);
    const events = this.options.source.read(position, page);
    // An empty answer below the floor would mean that the log lost events; what the ring has is still owed.
    return events.length > 0 ? events : this.ring.after(this.ring.floor, page);
  }

  private twin(event: PublishedEvent): Uint8Array | undefined {
    let twin = this.twins.get(event);
    if (twin === undefined) {
      try {
        twin = Buffer.from(eventJson(event.message));
      } catch (error) {
        this.options.counters.count('broker/json');
        this.options.log.error({ err: error, seq: event.seq }, 'an event has no JSON form');
        return undefined;
      }
      this.twins.set(event, twin);
    }
    return twin;
  }

  private schedule(delivery: Delivery): void {
    this.ready.add(delivery);
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.run();
    });
  }

  /** One batch for each session that can go on, until the turn is over; who is left comes first in the next. */
  private run(): void {
    const { now } = this.options.timers;
    const end = now() + this.limits.turnMs;
    for (const delivery of [...this.ready]) {
      if (now() > end) break;
      this.ready.delete(delivery);
      if (this.fill(delivery)) this.ready.add(delivery);
    }
    const [next] = this.ready;
    if (next !== undefined) this.schedule(next);
  }

  private fill(delivery: Delivery): boolean {
    try {
      return delivery.fill();
    } catch (error) {
      // The log could not be read. The session is cut off, so that it starts again at its cursor.
      this.options.counters.count('broker/read');
      this.options.log.error(
        { err: error, account: delivery.account },
        'cannot read the event log for a subscriber',
      );
      delivery.attachedTo?.destroy();
      return false;
    }
  }

  private watchForStalls(): void {
    const { timers } = this.options;
    const { stallMs } = this.limits;
    this.cancelStallCheck ??= timers.after(stallMs / 4, () => {
      this.cancelStallCheck = undefined;
      for (const delivery of this.attached) {
        const since = delivery.waitingSince;
        if (since !== undefined && timers.now() - since >= stallMs) this.evict(delivery);
      }
      if (this.attached.size > 0) this.watchForStalls();
    });
  }

  private evict(delivery: Delivery): void {
    const { account, clientId, inFlight, cursor } = delivery;
    this.options.counters.count('broker/evicted', 'stalled');
    this.options.log.warn(
      { account, clientId, inFlight, cursor },
      'a subscriber neither reads nor acknowledges; disconnected. A durable session goes on when it is back.',
    );
    delivery.attachedTo?.destroy();
  }
}
