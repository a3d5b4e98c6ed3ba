/**
 * The events of one session, from a position in the event log: in order, no gaps, and nothing twice within a session
 * except with DUP set. The log is the queue, so that a slow subscriber costs a position, not memory.
 */
import type { PublishedEvent } from '../ports.js';
import type { Route, Subscriptions } from '../subscriptions.js';
import type { Lane } from './lane.js';
import type { FrameBatch } from './publish-frame.js';
import { SendWindow } from './send-window.js';

type Form = keyof Route;
const FORMS: readonly Form[] = ['event', 'json'];

/** What a lane needs of the event pump. */
export interface EventLaneHost {
  /** Events after a position, in order; none at the head of the log. */
  readonly after: (position: number) => readonly PublishedEvent[];
  /** The JSON form of an event; nothing when it has none. */
  readonly twin: (event: PublishedEvent) => Uint8Array | undefined;
  /** The cursor may have moved. */
  readonly moved: (lane: EventLane) => void;
  readonly attached: (lane: EventLane) => void;
  readonly detached: (lane: EventLane) => void;
}

export interface EventLaneOptions {
  readonly clientId: string;
  readonly account: string;
  /** Whether the session outlives its connection. */
  readonly durable: boolean;
  readonly subscriptions: Subscriptions;
  /** Every event up to it is acknowledged already. */
  readonly cursor: number;
  /** Messages of QoS 1 under way at once. */
  readonly window: number;
  /** There is something new to send. */
  readonly wake: () => void;
}

export class EventLane implements Lane {
  readonly clientId: string;
  readonly account: string;
  readonly durable: boolean;
  readonly wake: () => void;
  private readonly window: SendWindow<Form>;
  /** Every event up to it has been sent or is not for this session. */
  private position: number;
  /** Up to here only what the last connection left unacknowledged is sent, with its old identifiers. */
  private replayUntil: number;
  private page: readonly PublishedEvent[] = [];
  private pageIndex = 0;

  constructor(
    private readonly options: EventLaneOptions,
    private readonly host: EventLaneHost,
  ) {
    this.clientId = options.clientId;
    this.account = options.account;
    this.durable = options.durable;
    this.wake = options.wake;
    this.position = options.cursor;
    this.replayUntil = options.cursor;
    this.window = new SendWindow(options.window);
  }

  /** Every event up to it is acknowledged, or was not for this session. */
  get cursor(): number {
    const { oldest } = this.window;
    return oldest === undefined ? this.position : oldest - 1;
  }

  get inFlight(): number {
    return this.window.size;
  }

  attached(): void {
    this.replayUntil = Math.max(this.replayUntil, this.position);
    this.seek(this.cursor);
    this.host.attached(this);
  }

  detached(): void {
    this.page = [];
    this.host.detached(this);
  }

  /** Begins anew after `cursor`; what was under way is forgotten. */
  restart(cursor: number): void {
    this.window.clear();
    this.replayUntil = cursor;
    this.seek(cursor);
  }

  acknowledge(id: number): boolean {
    if (!this.window.acknowledge(id)) return false;
    this.host.moved(this);
    return true;
  }

  put(batch: FrameBatch): boolean {
    if (!this.options.subscriptions.wantsEvents) return true;
    const from = this.position;
    let blocked = false;
    while (!batch.isFull && !blocked) {
      const event = this.peek();
      if (event === undefined) break;
      blocked = !this.putOne(event, batch);
      if (!blocked) this.skip(event);
    }
    if (this.position !== from) this.host.moved(this);
    return !blocked;
  }

  /** @returns false when the window has no room for the event, of which nothing is sent then */
  private putOne(event: PublishedEvent, batch: FrameBatch): boolean {
    const route = this.options.subscriptions.routeOf(event.type);
    if (event.seq <= this.replayUntil) {
      this.putAgain(event, route, batch);
      return true;
    }
    const room = (route.event?.qos ?? 0) + (route.json?.qos ?? 0);
    if (room > this.window.room) return false;
    for (const form of FORMS) {
      const lane = route[form];
      const payload = lane === undefined ? undefined : this.payload(event, form);
      if (lane === undefined || payload === undefined) continue;
      const id = lane.qos === 1 ? this.window.add(event.seq, form) : 0;
      batch.add({ ...lane, payload, id, dup: false, retain: false });
    }
    return true;
  }

  private putAgain(event: PublishedEvent, route: Route, batch: FrameBatch): void {
    for (const { id, form } of this.window.waitingFor(event.seq)) {
      const lane = route[form];
      const payload = this.payload(event, form);
      if (lane?.qos === 1 && payload !== undefined)
        batch.add({ ...lane, payload, id, dup: true, retain: false });
      else this.window.acknowledge(id); // unsubscribed meanwhile: nobody will
    }
  }

  private payload(event: PublishedEvent, form: Form): Uint8Array | undefined {
    return form === 'event' ? event.message : this.host.twin(event);
  }

  private seek(position: number): void {
    this.position = position;
    this.page = [];
    this.pageIndex = 0;
  }

  private peek(): PublishedEvent | undefined {
    if (this.pageIndex >= this.page.length) {
      this.page = this.host.after(this.position);
      this.pageIndex = 0;
    }
    return this.page[this.pageIndex];
  }

  private skip(event: PublishedEvent): void {
    this.position = event.seq;
    this.pageIndex++;
  }
}
