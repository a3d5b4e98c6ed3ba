/** Notices when the event loop was blocked: a beat that comes late tells by how much. */
import type { Timers } from '@timeband/protocol';

const BEAT_MS = 500;
/** How long a stall is remembered. */
const WINDOW_MS = 60_000;

interface Stall {
  readonly at: number;
  readonly ms: number;
}

export class LoopWatch {
  /** Of the window, each longer than all after it: the first is the longest. */
  private stalls: Stall[] = [];
  private due: number;
  private cancel: () => void = () => undefined;

  constructor(private readonly timers: Timers) {
    this.due = timers.now() + BEAT_MS;
    this.arm();
  }

  /** The longest stall of the last minute in milliseconds, the one that goes on included. */
  get longestMs(): number {
    const now = this.timers.now();
    this.stalls = this.stalls.filter(({ at }) => now - at < WINDOW_MS);
    return Math.max(this.stalls[0]?.ms ?? 0, now - this.due, 0);
  }

  close(): void {
    this.cancel();
  }

  private arm(): void {
    this.cancel = this.timers.after(BEAT_MS, () => {
      const at = this.timers.now();
      const ms = at - this.due;
      this.stalls = [
        ...this.stalls.filter((stall) => at - stall.at < WINDOW_MS && stall.ms > ms),
        { at, ms },
      ];
      this.due = at + BEAT_MS;
      this.arm();
    });
  }
}
