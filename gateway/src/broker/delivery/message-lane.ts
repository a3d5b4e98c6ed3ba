/**
 * The messages that were published for one session, from its mailbox: in order, within a window, none twice on one
 * connection, and those of QoS 1 and 2 again on the next until the client has them (MQTT 3.1.1 §4.3, §4.4).
 */
import { bytesOf, type Mailbox, type Waiting } from '../queue/mailbox.js';
import type { Qos } from '../subscriptions.js';
import type { Lane } from './lane.js';
import type { FrameBatch } from './publish-frame.js';
import { LAST_ID as LAST_EVENT_ID } from './send-window.js';

/** Identifiers of messages are those above the ones of events. */
const FIRST_ID = LAST_EVENT_ID + 1;
const IDS = 0x10000 - FIRST_ID;

/**
 * Packet identifier of the message at a position. Being derived it is the same after a restart, by which a client knows a
 * message of QoS 2 that it has had already.
 */
export function idOf(position: number): number {
  return FIRST_ID + (position % IDS);
}

interface Sent {
  readonly row: Waiting;
  /** QoS 2: the client has it (PUBREC), and is to be told to forget its identifier (PUBREL). */
  received: boolean;
}

export interface MessageLaneOptions {
  readonly mailbox: Mailbox;
  /** Messages of QoS 1 and 2 under way at once. */
  readonly window: number;
  /** Whether the session's account may have it: asked for what has waited since an earlier login. */
  readonly mayReceive: (topic: string) => boolean;
}

export class MessageLane implements Lane {
  /** By identifier, in the order of positions. */
  private readonly sent = new Map<number, Sent>();
  /** What the last connection left, for this one. */
  private again: Sent[] = [];
  /** Everything up to it has been sent, or is not for this session. */
  private position = 0;
  private page: readonly Waiting[] = [];
  private pageIndex = 0;
  /** What is up to here has waited since an earlier connection. */
  private old: number;
  /** What is up to here was left by an earlier process, which may have sent the first of it: a window at most. */
  private readonly inherited: number;
  private doubtful: number;
  private lastTopic = '';
  private lastTopicBytes = Buffer.alloc(0);

  constructor(private readonly options: MessageLaneOptions) {
    options.mailbox.reader = this;
    this.old = options.mailbox.newest;
    this.inherited = options.mailbox.newest;
    this.doubtful = options.window;
  }

  get inFlight(): number {
    return this.sent.size;
  }

  /** Everything up to it is done. */
  get floor(): number {
    return this.oldest === undefined ? this.position : this.oldest.row.position - 1;
  }

  attached(): void {
    this.options.mailbox.open();
    this.again = [...this.sent.values()];
    this.old = Math.max(this.old, this.options.mailbox.newest);
  }

  detached(): void {
    for (const [id, { row }] of this.sent) {
      if (row.kept) continue;
      this.sent.delete(id); // for this connection only
      this.done(row);
    }
    this.again = [];
    this.page = [];
    this.pageIndex = 0;
    this.options.mailbox.close();
  }

  acknowledge(id: number): boolean {
    const sent = this.sent.get(id);
    if (sent === undefined) return false;
    this.sent.delete(id);
    this.done(sent.row);
    return true;
  }

  /** A PUBREC. @returns the message that the client now has, where that has to be {@link noted} on disk before PUBREL */
  received(id: number): Waiting | undefined {
    const sent = this.sent.get(id);
    if (sent?.row.qos !== 2) return undefined;
    if (sent.row.kept) return sent.row;
    sent.received = true;
    return undefined;
  }

  /** It is on disk that the client has it. Where the disk did not take that it is sent again: a process after this one would do so. */
  noted({ position }: Waiting): void {
    const sent = this.sent.get(idOf(position));
    if (sent?.row.position === position) sent.received = true;
  }

  put(batch: FrameBatch): boolean {
    while (!batch.isFull) {
      const unfinished = this.again.shift();
      if (unfinished === undefined) break;
      const { row, received } = unfinished;
      if (this.sent.get(idOf(row.position)) !== unfinished) continue; // acknowledged meanwhile
      if (received) batch.addRelease(idOf(row.position));
      else this.send(row, batch, true);
    }
    while (!batch.isFull) {
      const row = this.peek();
      if (row === undefined) break;
      if (row.qos > 0 && !this.hasRoom(row)) return false;
      this.position = row.position;
      this.pageIndex++;
      this.putOne(row, batch);
    }
    return true;
  }

  private putOne(row: Waiting, batch: FrameBatch): void {
    const isOld = row.position <= this.old;
    if (isOld && !this.options.mayReceive(row.topic)) {
      this.done(row);
      return;
    }
    if (row.qos === 0) {
      this.send(row, batch, false);
      this.done(row);
      return;
    }
    this.sent.set(idOf(row.position), { row, received: row.released });
    if (row.released) batch.addRelease(idOf(row.position));
    else this.send(row, batch, row.position <= this.inherited && this.doubtful-- > 0);
  }

  private send({ topic, qos, payload, position, retain }: Waiting, batch: FrameBatch, dup: boolean): void {
    if (topic !== this.lastTopic) {
      this.lastTopic = topic;
      this.lastTopicBytes = Buffer.from(topic);
    }
    const frame = { topic: this.lastTopicBytes, qos: qos as Qos, payload: bytesOf(payload) };
    batch.add({ ...frame, id: idOf(position), dup, retain });
  }

  private get oldest(): Sent | undefined {
    for (const sent of this.sent.values()) return sent;
    return undefined;
  }

  /** The window also spans no more positions than there are identifiers. */
  private hasRoom({ position }: Waiting): boolean {
    const { oldest } = this;
    if (oldest === undefined) return true;
    return this.sent.size < this.options.window && position - oldest.row.position < IDS - 1;
  }

  private done(row: Waiting): void {
    this.options.mailbox.done(row);
  }

  private peek(): Waiting | undefined {
    if (this.pageIndex >= this.page.length) {
      this.page = this.options.mailbox.after(this.position);
      this.pageIndex = 0;
    }
    return this.page[this.pageIndex];
  }
}
