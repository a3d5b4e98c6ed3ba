/**
 * The events of one session on their way out: from a position in the event log, through a window of unacknowledged
 * messages, onto the session's socket. In order, no gaps, and nothing twice within a session except with DUP set
 * (MQTT 3.1.1 §4.3, §4.4, §4.6).
 */
import type { Writable } from 'node:stream';
import type { PublishedEvent } from './ports.js';
import { FrameBatch } from './publish-frame.js';
import { SendWindow } from './send-window.js';
import type { Route, Subscriptions } from './subscriptions.js';

/** Bytes of one write. */
const BATCH_BYTES = 64 * 1024;

type Form = keyof Route;
const FORMS: readonly Form[] = ['event', 'json'];

/** What a delivery needs of the pump that drives it. */
export interface DeliveryHost {
  /** Events after a position, in order; none at the head of the log. */
  readonly after: (position: number) => readonly PublishedEvent[];
  /** The JSON form of an event; nothing when it has none. */
  readonly twin: (event: PublishedEvent) => Uint8Array | undefined;
  /** Asks to be filled in the next turn of the loop. */
  readonly schedule: (delivery: Delivery) => void;
  /** The cursor may have moved. */
  readonly moved: (delivery: Delivery) => void;
  /** So many messages were written. */
  readonly sent: (messages: number) => void;
  readonly now: () => number;
}

export interface DeliveryOptions {
  readonly clientId: string;
  readonly account: string;
  /** Whether the session outlives its connection. */
  readonly durable: boolean;
  readonly subscriptions: Subscriptions;
  /** Every event up to it is acknowledged already. */
  readonly cursor: number;
  /** QoS 1 messages under way at once. */
  readonly window: number;
  /** A socket that holds more unsent bytes gets nothing new. */
  readonly maxBuffered: number;
}

/** Why nothing more goes out just now. `waiting`: the subscriber has to read or acknowledge first. */
type Flow = { readonly state: 'open' } | { readonly state: 'waiting'; readonly since: number };
const OPEN: Flow = { state: 'open' };

export class Delivery {
  readonly clientId: string;
  readonly account: string;
  readonly durable: boolean;
  private readonly window: SendWindow<Form>;
  private socket: Writable | undefined;
  private flow: Flow = OPEN;
  /** Every event up to it has been sent or is not for this session. */
  private position: number;
  /** Up to here only what the last connection left unacknowledged is sent, with its old identifiers. */
  private replayUntil: number;
  private page: readonly PublishedEvent[] = [];
  private pageIndex = 0;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly host: DeliveryHost,
  ) {
    this.clientId = options.clientId;
    this.account = options.account;
    this.durable = options.durable;
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

  /** When the subscriber last did anything it is waited for; nothing while it is not waited for. */
  get waitingSince(): number | undefined {
    return this.flow.state === 'waiting' ? this.flow.since : undefined;
  }

  get attachedTo(): Writable | undefined {
    return this.socket;
  }

  /** Sends on this socket from now on, first again what the last one left unacknowledged. */
  attach(socket: Writable): void {
    this.socket = socket;
    this.flow = OPEN;
    this.replayUntil = Math.max(this.replayUntil, this.position);
    this.seek(this.cursor);
    this.host.schedule(this);
  }

  detach(): void {
    this.socket = undefined;
    this.flow = OPEN;
    this.page = [];
  }

  /** Begins anew after `cursor`; what was under way is forgotten. */
  restart(cursor: number): void {
    this.window.clear();
    this.replayUntil = cursor;
    this.seek(cursor);
  }

  /** A PUBACK came in. An identifier that nothing waits for is ignored, as for a message sent before a restart. */
  acknowledge(id: number): void {
    if (!this.window.acknowledge(id)) return;
    this.progressed();
    this.host.moved(this);
  }

  /** Writes at most one batch. @returns whether there is more to write in the next turn */
  fill(): boolean {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return false;
    if (socket.writableLength >= this.options.maxBuffered) return this.wait();
    const batch = new FrameBatch();
    const from = this.position;
    let blocked = false;
    while (batch.bytes < BATCH_BYTES && !blocked) {
      const event = this.peek();
      if (event === undefined) break;
      blocked = !this.put(event, batch);
      if (!blocked) this.skip(event);
    }
    if (batch.size > 0) this.write(socket, batch);
    if (this.position !== from) this.host.moved(this);
    if (blocked) return this.wait();
    return batch.bytes >= BATCH_BYTES;
  }

  private wait(): false {
    if (this.flow.state === 'open') this.flow = { state: 'waiting', since: this.host.now() };
    return false;
  }

  private progressed(): void {
    if (this.flow.state === 'open') return;
    this.flow = OPEN;
    this.host.schedule(this);
  }

  private write(socket: Writable, batch: FrameBatch): void {
    this.host.sent(batch.size);
    socket.write(batch.toBuffer(), () => {
      if (this.socket === socket) this.progressed();
    });
  }

  /** @returns false when the window has no room for the event, of which nothing is sent then */
  private put(event: PublishedEvent, batch: FrameBatch): boolean {
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
      batch.add({ lane, payload, id, dup: false });
    }
    return true;
  }

  private putAgain(event: PublishedEvent, route: Route, batch: FrameBatch): void {
    for (const { id, form } of this.window.waitingFor(event.seq)) {
      const lane = route[form];
      const payload = this.payload(event, form);
      if (lane?.qos === 1 && payload !== undefined) batch.add({ lane, payload, id, dup: true });
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
