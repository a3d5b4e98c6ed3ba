/**
 * The QoS 1 messages of one session that are sent and not acknowledged (MQTT 3.1.1 §4.3.2, §4.6), in order.
 * The window spans from the oldest of them, so that the distance to its cursor stays bounded whatever is acknowledged.
 */

/** Packet identifiers above this are the broker library's own, for the same client. */
export const LAST_ID = 0x7fff;

/** A message in the window. `form` tells the messages of one event apart. */
export interface Unacknowledged<Form> {
  readonly seq: number;
  readonly form: Form;
  readonly id: number;
}

interface Slot<Form> extends Unacknowledged<Form> {
  acknowledged: boolean;
}

export class SendWindow<Form> {
  private readonly slots: (Slot<Form> | undefined)[];
  /** Messages ever sent, and how many of them are done. Both only grow; an identifier is derived from them. */
  private tail = 0;
  private head = 0;

  /** @param capacity messages; at most LAST_ID */
  constructor(private readonly capacity: number) {
    if (capacity > LAST_ID)
      throw new RangeError(`a window of ${capacity} has more messages than identifiers`);
    this.slots = new Array<Slot<Form> | undefined>(capacity);
  }

  get size(): number {
    return this.tail - this.head;
  }

  get room(): number {
    return this.capacity - this.size;
  }

  /** Event of the oldest unacknowledged message. */
  get oldest(): number | undefined {
    return this.slots[this.head % this.capacity]?.seq;
  }

  /** Takes a place; the caller has looked at `room`. @returns the packet identifier */
  add(seq: number, form: Form): number {
    const id = 1 + (this.tail % LAST_ID);
    this.slots[this.tail % this.capacity] = { seq, form, id, acknowledged: false };
    this.tail++;
    return id;
  }

  /** @returns whether the identifier was waiting for it */
  acknowledge(id: number): boolean {
    const offset = (id - 1 - (this.head % LAST_ID) + LAST_ID) % LAST_ID;
    if (id < 1 || id > LAST_ID || offset >= this.size) return false;
    const slot = this.slots[(this.head + offset) % this.capacity];
    if (slot === undefined || slot.acknowledged) return false;
    slot.acknowledged = true;
    this.retire();
    return true;
  }

  /** The messages of one event that still wait. */
  waitingFor(seq: number): readonly Unacknowledged<Form>[] {
    const waiting: Unacknowledged<Form>[] = [];
    for (let n = this.head; n < this.tail; n++) {
      const slot = this.slots[n % this.capacity];
      if (slot === undefined || slot.seq > seq) break;
      if (slot.seq === seq && !slot.acknowledged) waiting.push(slot);
    }
    return waiting;
  }

  /** Forgets what waits. Its identifiers come round again only after all others. */
  clear(): void {
    this.slots.fill(undefined);
    this.head = this.tail;
  }

  private retire(): void {
    for (;;) {
      const at = this.head % this.capacity;
      if (this.slots[at]?.acknowledged !== true) return;
      this.slots[at] = undefined;
      this.head++;
    }
  }
}
