/** A clock that a test moves: nothing happens until time is advanced, and then in order. */
import type { Timers } from '@timeband/protocol';

interface Alarm {
  readonly due: number;
  readonly order: number;
  readonly action: () => void;
}

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
    for (;;) {
      const [next] = this.alarms
        .filter((alarm) => alarm.due <= until)
        .sort((a, b) => a.due - b.due || a.order - b.order);
      if (next === undefined) break;
      this.alarms = this.alarms.filter((alarm) => alarm !== next);
      this.time = next.due;
      next.action();
    }
    this.time = until;
  }
}
