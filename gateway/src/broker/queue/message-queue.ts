/**
 * The messages that wait for one durable session, on disk, with the newest of them also in memory: a session that keeps up
 * never reads the disk, and one that is away costs no memory.
 */
import type { MqttTables, QueueRow } from '../../store/index.js';

export interface QueueLimits {
  /** Messages that wait for a session. */
  readonly messages: number;
  /** Bytes of their topics and payloads. */
  readonly bytes: number;
}

/** Bytes of messages kept in memory for a session. */
const TAIL_BYTES = 512 * 1024;
const PAGE = 256;

export type NewMessage = Omit<QueueRow, 'position' | 'released'>;

export class MessageQueue {
  private messages = 0;
  private bytes = 0;
  private last = 0;
  /** The newest messages, those after `tailFloor`. */
  private tail: QueueRow[] = [];
  private tailFloor = 0;
  private tailBytes = 0;
  /** Everything up to here is done, and so is what is in `apart`. */
  private floor = 0;
  private readonly apart = new Set<number>();
  /** What is done and still on disk. */
  private readonly undeleted: number[] = [];
  /** Called when there is more to send. */
  grown: () => void = () => undefined;

  constructor(
    private readonly session: number,
    private readonly tables: MqttTables,
    private readonly limits: QueueLimits,
  ) {}

  /** As it was left on disk. */
  restore(total: { readonly messages: number; readonly bytes: number; readonly last: number }): void {
    this.messages = total.messages;
    this.bytes = total.bytes;
    this.last = total.last;
    this.tailFloor = total.last;
  }

  /** Messages that wait or are under way. */
  get size(): number {
    return this.messages;
  }

  get newest(): number {
    return this.last;
  }

  /** Whether one more of this size may wait. */
  hasRoom(size: number): boolean {
    return this.messages < this.limits.messages && this.bytes + size <= this.limits.bytes;
  }

  /** Writes a message as part of the caller's transaction. Once that is on disk it has to be {@link admit}ted. */
  insert(message: NewMessage): QueueRow {
    const row: QueueRow = { ...message, position: ++this.last, released: false };
    this.tables.enqueue(this.session, row);
    return row;
  }

  /** Makes a message that is on disk known to whoever sends. */
  admit(row: QueueRow): void {
    const size = sizeOf(row);
    this.messages++;
    this.bytes += size;
    this.tail.push(row);
    this.tailBytes += size;
    if (this.tailBytes > TAIL_BYTES) {
      this.tail = [];
      this.tailFloor = row.position;
      this.tailBytes = 0;
    }
    this.grown();
  }

  /** Messages after a position that are on disk and not done, in order; none at the end. */
  after(position: number): QueueRow[] {
    const rows =
      position >= this.tailFloor
        ? this.tail.slice(firstAfter(this.tail, position), firstAfter(this.tail, position) + PAGE)
        : this.tables.queue(this.session, position, PAGE);
    return rows.filter((row) => !this.isDone(row.position));
  }

  /** The client has it for good. It is deleted with the next {@link deleteDone}. */
  done(row: QueueRow): void {
    if (this.isDone(row.position)) return;
    this.apart.add(row.position);
    this.undeleted.push(row.position);
    this.messages--;
    this.bytes -= sizeOf(row);
  }

  get hasDone(): boolean {
    return this.undeleted.length > 0;
  }

  /**
   * Deletes what is done, as part of the caller's transaction.
   *
   * @param upto everything up to here is done
   */
  deleteDone(upto: number): void {
    if (upto > this.floor) this.tables.dequeueUpTo(this.session, upto);
    for (const position of this.undeleted.splice(0)) {
      if (position <= upto) this.apart.delete(position);
      else this.tables.dequeue(this.session, position);
    }
    this.floor = Math.max(this.floor, upto);
    const kept = firstAfter(this.tail, upto);
    if (kept > 0) {
      for (const row of this.tail.splice(0, kept)) this.tailBytes -= sizeOf(row);
      this.tailFloor = Math.max(this.tailFloor, upto);
    }
  }

  private isDone(position: number): boolean {
    return position <= this.floor || this.apart.has(position);
  }
}

function sizeOf({ topic, payload }: QueueRow): number {
  return topic.length + payload.length;
}

/** Index of the first row after a position. */
function firstAfter(rows: readonly QueueRow[], position: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.position ?? Infinity) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
