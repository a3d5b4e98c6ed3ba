/**
 * The messages that wait for one session. Those of a durable one that may not be lost are on disk, the newest of them also
 * in memory while it is connected: a session that keeps up never reads the disk, and one that is away costs no memory.
 */
import type { QueueRow } from '../../store/index.js';

export interface QueueLimits {
  /** Messages that wait for a session. */
  readonly messages: number;
  /** Bytes of their topics and payloads. */
  readonly bytes: number;
}

/** Where the messages of one session are on disk. What writes is part of the caller's transaction. */
export interface MailboxDisk {
  readonly enqueue: (row: QueueRow) => void;
  /** Up to `limit` after a position, in order. */
  readonly read: (after: number, limit: number) => QueueRow[];
  readonly remove: (position: number) => void;
  readonly removeUpTo: (position: number) => void;
}

export interface Waiting extends Omit<QueueRow, 'payload'> {
  /** As it was given; off the disk it comes as bytes. */
  readonly payload: string | Uint8Array;
  /** Whether it is on disk; if not, it is gone with the connection. */
  readonly kept: boolean;
}

export interface NewMessage extends Pick<Waiting, 'topic' | 'payload' | 'qos' | 'retain'> {
  /** Not worth the disk: a hint for whoever is there. */
  readonly passing?: boolean | undefined;
  /** Only the newest of its topic is of interest. */
  readonly state?: boolean | undefined;
  readonly brokerId?: string | undefined;
  readonly brokerCounter?: number | undefined;
}

/** Bytes of messages kept in memory for a durable session. */
const TAIL_BYTES = 512 * 1024;
const PAGE = 256;
/** Without a disk, what is done is let go in batches of this many. */
const SETTLE_AT = 128;

export class Mailbox {
  private messages = 0;
  private bytes = 0;
  /** Positions only grow. */
  private last = 0;
  /** The newest messages: of a session that is connected all those after `tailFloor`. */
  private tail: Waiting[] = [];
  private tailFloor = 0;
  private tailBytes = 0;
  private isOpen: boolean;
  /** Everything up to here is done, and so is what is in `apart`. */
  private floor = 0;
  private readonly apart = new Set<number>();
  /** What is done and still on disk. */
  private readonly removable: number[] = [];
  private isDue = false;
  /** Who reads it, and how far what it has read is done. */
  reader: { readonly floor: number } | undefined;
  private readonly states = new Map<string, Waiting>();
  /** Up to here messages were handed out, and may be under way. */
  private handedOut = 0;

  /**
   * @param disk absent for a session that ends with its connection
   * @param due called when there is something to {@link settle}
   * @param dropped called when messages that are not on disk had to be dropped
   */
  constructor(
    private readonly disk: MailboxDisk | undefined,
    private readonly limits: QueueLimits,
    private readonly due: () => void,
    private readonly dropped: () => void,
  ) {
    this.isOpen = disk === undefined;
  }

  /** As it was left on disk. */
  restore(total: { readonly messages: number; readonly bytes: number; readonly last: number }): void {
    this.messages = total.messages;
    this.bytes = total.bytes;
    this.last = total.last;
    this.tailFloor = total.last;
  }

  /** Messages that wait or are under way, and their bytes. */
  get size(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.messages, bytes: this.bytes };
  }

  get newest(): number {
    return this.last;
  }

  /** Whether one more of this size may wait. */
  hasRoom(bytes: number): boolean {
    return this.messages < this.limits.messages && this.bytes + bytes <= this.limits.bytes;
  }

  /** A connection begins to read: from here on what comes is also in memory. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.tailFloor = this.last;
    this.handedOut = 0;
  }

  /** The connection has ended, and with it what is not on disk. */
  close(): void {
    if (this.disk === undefined) return;
    this.isOpen = false;
    this.handedOut = 0;
    this.dropTail(this.last);
  }

  /**
   * Gives a message its place, and writes it as part of the caller's transaction where it has to be on disk. Then it has to be
   * {@link admit}ted, or {@link withdraw}n when that transaction failed.
   */
  prepare({ topic, payload, qos, retain, passing, brokerId, brokerCounter = 0 }: NewMessage): Waiting {
    const kept = this.disk !== undefined && qos > 0 && passing !== true;
    const position = ++this.last;
    const row = { topic, payload, qos, retain, kept, position, released: false, brokerId, brokerCounter };
    if (kept) this.disk.enqueue({ ...row, payload: bytesOf(payload) });
    this.messages++;
    this.bytes += sizeOf(row);
    return row;
  }

  withdraw(row: Waiting): void {
    this.messages--;
    this.bytes -= sizeOf(row);
  }

  /** Makes a message, on disk if it has to be, known to whoever sends. In the order of the positions. */
  admit(row: Waiting, { state = false }: Pick<NewMessage, 'state'> = {}): void {
    if (!this.isOpen && !row.kept) {
      this.withdraw(row);
      return;
    }
    if (this.isOpen) this.append(row);
    if (!state) return;
    const older = this.states.get(row.topic);
    if (older !== undefined && older.position > this.handedOut) this.done(older);
    this.states.set(row.topic, row);
  }

  /** Messages after a position that are not done, in order; none at the end. */
  after(position: number): Waiting[] {
    for (let from = position; ;) {
      const rows = this.page(from);
      const newest = rows.at(-1)?.position;
      if (newest === undefined) return [];
      this.handedOut = Math.max(this.handedOut, newest);
      const waiting = rows.filter((row) => !this.isDone(row.position));
      if (waiting.length > 0) return waiting;
      from = newest;
    }
  }

  /** The client has it for good, or nobody wants it any more. From disk it is removed when it is settled. */
  done(row: Waiting): void {
    if (this.isDone(row.position)) return;
    this.apart.add(row.position);
    if (row.kept) this.removable.push(row.position);
    this.messages--;
    this.bytes -= sizeOf(row);
    if (this.isDue || (this.disk === undefined && this.apart.size < SETTLE_AT)) return;
    this.isDue = true;
    this.due();
  }

  /**
   * Lets go of what is done, as part of the caller's transaction where there is a disk.
   *
   * @returns what follows once that is on disk
   */
  settle(): () => void {
    this.isDue = false;
    const upto = Math.max(this.floor, this.reader?.floor ?? 0);
    const removed = this.removable.length;
    if (this.disk !== undefined && removed > 0) {
      this.disk.removeUpTo(upto);
      for (const position of this.removable) if (position > upto) this.disk.remove(position);
    }
    return () => {
      this.removable.splice(0, removed);
      this.floor = upto;
      for (const position of this.apart) if (position <= upto) this.apart.delete(position);
      this.trim(upto);
    };
  }

  private page(position: number): Waiting[] {
    if (this.disk === undefined || (this.isOpen && position >= this.tailFloor)) {
      const from = firstAfter(this.tail, position);
      return this.tail.slice(from, from + PAGE);
    }
    const rows = this.disk.read(position, PAGE).map((row) => ({ ...row, kept: true }));
    // Within the tail there may be messages that are not on disk.
    const ours = this.isOpen ? rows.filter((row) => row.position <= this.tailFloor) : rows;
    return ours.length > 0 || !this.isOpen ? ours : this.tail.slice(0, PAGE);
  }

  private append(row: Waiting): void {
    this.tail.push(row);
    this.tailBytes += sizeOf(row);
    if (this.disk !== undefined && this.tailBytes > TAIL_BYTES) this.dropTail(row.position);
  }

  private dropTail(floor: number): void {
    for (const row of this.tail) {
      if (row.kept || this.isDone(row.position)) continue;
      this.dropped();
      this.done(row);
    }
    this.tail = [];
    this.tailFloor = floor;
    this.tailBytes = 0;
  }

  private trim(upto: number): void {
    const gone = firstAfter(this.tail, upto);
    if (gone === 0) return;
    for (const row of this.tail.splice(0, gone)) this.tailBytes -= sizeOf(row);
    this.tailFloor = Math.max(this.tailFloor, upto);
  }

  private isDone(position: number): boolean {
    return position <= this.floor || this.apart.has(position);
  }
}

export function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}

export function sizeOf({ topic, payload }: Pick<NewMessage, 'topic' | 'payload'>): number {
  return topic.length + payload.length;
}

/** Index of the first row after a position. */
function firstAfter(rows: readonly Waiting[], position: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.position ?? Infinity) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
