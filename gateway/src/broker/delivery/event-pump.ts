/**
 * Feeds the event log to every session that subscribed to events, each at its own pace (SPEC.md, Topics): a session is a
 * cursor into the log, kept across restarts for one that is durable.
 */
import { eventJson, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Counters, CursorStore, EventSource, PublishedEvent } from '../ports.js';
import { CursorSaver } from './cursor-saver.js';
import { EventLane, type EventLaneHost, type EventLaneOptions } from './event-lane.js';
import { EventRing, type RingLimits } from './event-ring.js';

export interface EventPumpLimits {
  readonly ring: RingLimits;
  /** Messages of QoS 1 of a session under way at once. */
  readonly window: number;
  /** Events read at once for a session. */
  readonly page: number;
}

export interface EventPumpOptions {
  readonly source: EventSource;
  readonly cursors: CursorStore;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
  readonly limits: EventPumpLimits;
}

export interface EventPumpStats {
  readonly ringEvents: number;
  readonly ringBytes: number;
}

export class EventPump {
  private readonly ring: EventRing;
  private readonly saver: CursorSaver;
  private readonly host: EventLaneHost;
  private readonly attached = new Set<EventLane>();
  private readonly twins = new WeakMap<PublishedEvent, Uint8Array>();

  constructor(private readonly options: EventPumpOptions) {
    this.ring = new EventRing(options.source.head, options.limits.ring);
    this.saver = new CursorSaver({ ...options, store: options.cursors });
    this.host = {
      after: (position) => this.after(position),
      twin: (event) => this.twin(event),
      moved: (lane) => {
        this.saver.touch(lane);
      },
      attached: (lane) => {
        this.attached.add(lane);
      },
      detached: (lane) => {
        this.attached.delete(lane);
        if (lane.durable) this.saver.flush(); // its cursor is on disk when its connection is gone
      },
    };
  }

  /** Sequence number of the newest event, announced here or only in the log yet. */
  get head(): number {
    return Math.max(this.ring.head, this.options.source.head);
  }

  /** Takes the events of a commit that is on disk. They go out in the next turn of the loop. */
  committed(events: readonly PublishedEvent[]): void {
    for (const event of events) this.ring.push(event);
    for (const lane of this.attached) lane.wake();
  }

  /** A session that subscribed to events: from its saved cursor if it is durable and has one, or from the head. */
  open(session: Omit<EventLaneOptions, 'cursor' | 'window'>): EventLane {
    const { window } = this.options.limits;
    const lane = new EventLane({ ...session, cursor: this.startingPoint(session), window }, this.host);
    this.establish(lane);
    return lane;
  }

  /** Starts a session anew at the head, after it had unsubscribed from all events. */
  restart(lane: EventLane): void {
    lane.restart(this.head);
    this.establish(lane);
  }

  /** A session wants no events any more: its place is lost, and acknowledgements that still come mean nothing. */
  lapse(lane: EventLane): void {
    lane.restart(this.head);
  }

  /** Forgets a durable session's cursor. @throws what the store throws */
  forget(clientId: string, account: string): void {
    this.saver.remove(clientId, account);
  }

  close(): void {
    this.saver.close();
  }

  stats(): EventPumpStats {
    return { ringEvents: this.ring.size, ringBytes: this.ring.bytes };
  }

  private startingPoint({ clientId, account, durable }: Omit<EventLaneOptions, 'cursor' | 'window'>): number {
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
  private establish(lane: EventLane): void {
    this.saver.touch(lane);
    if (lane.durable) this.saver.flush();
  }

  private after(position: number): readonly PublishedEvent[] {
    const { page } = this.options.limits;
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
}
