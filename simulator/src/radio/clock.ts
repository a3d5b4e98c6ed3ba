/**
 * The one order of events of a simulated radio: a heap of alarms on a clock of its own, which a test moves in virtual
 * time and {@link RealTime} in step with the machine's. An action sees as `now` the moment it was due, never later.
 */
import { systemTimers, type Timers } from '@timeband/protocol';

interface Alarm {
  readonly due: number;
  readonly order: number;
  action: (() => void) | undefined;
}

/** Cancelled alarms that may stay in the heap before it is worth clearing them out. */
const MAX_CANCELLED = 64;

/** Turns of the event loop after which what waits on promises alone has happened. */
const SETTLING_TURNS = 2;

export class EventClock implements Timers {
  /** Called when the earliest alarm has changed from outside an action. */
  onEarlier: (() => void) | undefined;
  private time: number;
  private order = 0;
  private heap: Alarm[] = [];
  private cancelled = 0;
  private isRunning = false;
  private isHandedOver = false;

  /** @param start milliseconds on the clock at first */
  constructor(start = 0) {
    this.time = start;
  }

  readonly now = (): number => this.time;

  readonly after = (ms: number, action: () => void): (() => void) => this.at(this.time + ms, action);

  /** Calls `action` once at `time`, or as soon as it can where that is past; the result cancels it. */
  at(time: number, action: () => void): () => void {
    const alarm: Alarm = { due: Math.max(time, this.time), order: this.order++, action };
    this.heap.push(alarm);
    siftUp(this.heap, this.heap.length - 1);
    if (!this.isRunning && this.heap[0] === alarm) this.onEarlier?.();
    return () => {
      if (alarm.action === undefined) return;
      alarm.action = undefined;
      this.cancelled++;
      if (this.cancelled > MAX_CANCELLED && this.cancelled * 2 > this.heap.length) this.clearCancelled();
    };
  }

  /** When the next alarm is due; undefined when none waits. */
  get next(): number | undefined {
    while (this.heap[0] !== undefined && this.heap[0].action === undefined) {
      pop(this.heap);
      this.cancelled--;
    }
    return this.heap[0]?.due;
  }

  /** Alarms that wait. */
  get pending(): number {
    return this.heap.length - this.cancelled;
  }

  /** Does everything that falls due up to `time`, which then it is. */
  advanceTo(time: number): void {
    while (this.ringNext(time));
    this.time = Math.max(this.time, time);
  }

  advance(ms: number): void {
    this.advanceTo(this.time + ms);
  }

  /**
   * Something outside was given something to react to: {@link run} lets it react before the next action, as real time
   * would.
   */
  handOver(): void {
    this.isHandedOver = true;
  }

  /** {@link advance} for code that waits on promises beside the clock. */
  async run(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    while (this.ringNext(until) || this.isHandedOver) {
      if (!this.isHandedOver) continue;
      this.isHandedOver = false;
      await settle();
    }
    this.time = until;
  }

  private ringNext(until: number): boolean {
    const due = this.next;
    if (due === undefined || due > until) return false;
    const alarm = pop(this.heap);
    const { action } = alarm;
    alarm.action = undefined; // too late to cancel
    this.time = due;
    this.isRunning = true;
    try {
      action?.();
    } finally {
      this.isRunning = false;
    }
    return true;
  }

  private clearCancelled(): void {
    this.heap = this.heap.filter(({ action }) => action !== undefined);
    this.cancelled = 0;
    this.heap.sort((a, b) => (isBefore(a, b) ? -1 : 1)); // a sorted array is a heap
  }
}

/** Keeps a clock in step with the machine's. */
export class RealTime {
  private cancelTimer: (() => void) | undefined;
  private wakesAt = Infinity;
  private isStopped = false;
  /** What the clock shows when the machine's shows 0. */
  private readonly offset: number;

  constructor(
    private readonly clock: EventClock,
    private readonly timers: Timers = systemTimers,
  ) {
    this.offset = clock.now() - timers.now();
    clock.onEarlier = () => {
      this.arm();
    };
    this.arm();
  }

  /** Does what something outside asks for at the present moment, after everything that was due before. */
  perform<Result>(action: () => Result): Result {
    this.catchUp();
    const result = action();
    this.arm();
    return result;
  }

  stop(): void {
    this.isStopped = true;
    this.clock.onEarlier = undefined;
    this.cancelTimer?.();
  }

  private catchUp(): void {
    this.clock.advanceTo(this.timers.now() + this.offset);
  }

  private arm(): void {
    const { next } = this.clock;
    if (this.isStopped || next === undefined || next >= this.wakesAt) return;
    this.cancelTimer?.();
    this.wakesAt = next;
    this.cancelTimer = this.timers.after(Math.max(0, next - this.offset - this.timers.now()), () => {
      this.wakesAt = Infinity;
      this.catchUp();
      this.arm();
    });
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function siftUp(heap: Alarm[], from: number): void {
  let at = from;
  for (;;) {
    const up = (at - 1) >> 1;
    const [parent, child] = [heap[up], heap[at]];
    if (at === 0 || parent === undefined || child === undefined || isBefore(parent, child)) return;
    heap[up] = child;
    heap[at] = parent;
    at = up;
  }
}

/** Takes the first out of a heap that is not empty. */
function pop(heap: Alarm[]): Alarm {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined) throw new RangeError('the heap is empty');
  if (heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ;) {
    const left = 2 * at + 1;
    const [l, r] = [heap[left], heap[left + 1]];
    if (l === undefined) return first;
    const [child, down] = r !== undefined && isBefore(r, l) ? [r, left + 1] : [l, left];
    if (isBefore(last, child)) return first;
    heap[at] = child;
    heap[down] = last;
    at = down;
  }
}
