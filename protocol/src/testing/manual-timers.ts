/** A clock that a test moves: nothing happens until time is advanced, and then in order. */
import type { Timers } from '../timers.js';

interface Alarm {
  readonly due: number;
  readonly order: number;
  readonly action: () => void;
}

/** Turns of the event loop after which everything that waits on promises alone has happened. */
const SETTLING_TURNS = 4;

export class ManualTimers implements Timers {
  private time: number;
  private alarms: Alarm[] = [];
  private order = 0;

  /** @param start milliseconds on the clock at first */
  constructor(start = 0) {
    this.time = start;
  }

  readonly now = (): number => this.time;

  readonly after = (ms: number, action: () => void): (() => void) => {
    const alarm = { due: this.time + Math.max(0, ms), order: this.order++, action };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  };

  /** Actions that wait. */
  get pending(): number {
    return this.alarms.length;
  }

  /** Moves the clock by `ms`, doing on the way what falls due. */
  advance(ms: number): void {
    const until = this.time + ms;
    while (this.ringNext(until));
    this.time = until;
  }

  /** The same for code that also waits on promises: each action's consequences happen before the next. */
  async run(ms: number): Promise<void> {
    const until = this.time + ms;
    do await settle();
    while (this.ringNext(until));
    this.time = until;
    await settle();
  }

  private ringNext(until: number): boolean {
    const [next] = this.alarms
      .filter((alarm) => alarm.due <= until)
      .sort((a, b) => a.due - b.due || a.order - b.order);
    if (next === undefined) return false;
    this.alarms = this.alarms.filter((alarm) => alarm !== next);
    this.time = Math.max(this.time, next.due);
    next.action();
    return true;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
