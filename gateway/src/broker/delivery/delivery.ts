/**
 * All PUBLISH packets of one session on their way out: from its lanes, through a window of unacknowledged messages for
 * each, onto the session's socket. Whatever is sent to a client goes this way, so that nothing is sent past its window,
 * into a socket that is full, or in another order than it came (MQTT 3.1.1 §4.3, §4.4, §4.6).
 */
import type { Writable } from 'node:stream';
import type { Lane } from './lane.js';
import { FrameBatch } from './publish-frame.js';

/** What a delivery needs of the pump that drives it. */
export interface DeliveryHost {
  /** Asks to be filled in the next turn of the loop. */
  readonly schedule: (delivery: Delivery) => void;
  /** So many messages were written. */
  readonly sent: (messages: number) => void;
  readonly now: () => number;
  /** A socket that holds more unsent bytes gets nothing new. */
  readonly maxBuffered: number;
}

/** Why nothing more goes out just now. `waiting`: the subscriber has to read or acknowledge first. */
type Flow = { readonly state: 'open' } | { readonly state: 'waiting'; readonly since: number };
const OPEN: Flow = { state: 'open' };

export class Delivery {
  private readonly lanes: Lane[] = [];
  /** Of the lane that comes first next time, so that a flood in one does not hold up the other. */
  private first = 0;
  private socket: Writable | undefined;
  private flow: Flow = OPEN;

  constructor(
    readonly account: string,
    readonly clientId: string,
    private readonly host: DeliveryHost,
  ) {}

  add(lane: Lane): void {
    this.lanes.push(lane);
    if (this.socket !== undefined) lane.attached();
    this.wake();
  }

  get inFlight(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.inFlight, 0);
  }

  /** When the subscriber last did anything it is waited for; nothing while it is not waited for. */
  get waitingSince(): number | undefined {
    return this.flow.state === 'waiting' ? this.flow.since : undefined;
  }

  get attachedTo(): Writable | undefined {
    return this.socket;
  }

  /** Sends on this socket from now on. */
  attach(socket: Writable): void {
    this.socket = socket;
    this.flow = OPEN;
    for (const lane of this.lanes) lane.attached();
    this.wake();
  }

  detach(): void {
    if (this.socket === undefined) return;
    this.socket = undefined;
    this.flow = OPEN;
    for (const lane of this.lanes) lane.detached();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.socket !== undefined) this.host.schedule(this);
  }

  /** A PUBACK or PUBCOMP. What nothing waits for is ignored, as for a message sent before a restart. */
  acknowledge(id: number): void {
    if (this.lanes.some((lane) => lane.acknowledge(id))) this.progressed();
  }

  /** Writes at most one batch. @returns whether there is more to write in the next turn */
  fill(): boolean {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return false;
    if (socket.writableLength >= this.host.maxBuffered) return this.wait();
    const batch = new FrameBatch();
    let blocked = false;
    for (let i = 0; i < this.lanes.length; i++) {
      const lane = this.lanes[(this.first + i) % this.lanes.length];
      if (lane?.put(batch) === false) blocked = true;
    }
    this.first++;
    if (batch.size > 0) this.write(socket, batch);
    if (batch.isFull) return true;
    if (blocked) this.wait();
    return false;
  }

  private wait(): false {
    if (this.flow.state === 'open') this.flow = { state: 'waiting', since: this.host.now() };
    return false;
  }

  private progressed(): void {
    if (this.flow.state === 'open') return;
    this.flow = OPEN;
    this.wake();
  }

  private write(socket: Writable, batch: FrameBatch): void {
    this.host.sent(batch.messages);
    socket.write(batch.toBuffer(), () => {
      if (this.socket === socket) this.progressed();
    });
  }
}
