/** A device's clock: seconds since its start, and wall time that never goes without its quality (SPEC.md, Time). */
import type { DeviceTime, Timers } from '@timeband/protocol';

/** Steps further forward than this are logged, as is every step back. */
export const MAX_SILENT_STEP_SECONDS = 120;

export interface ClockStep {
  readonly seconds: number;
  readonly back: boolean;
}

/** What the real-time clock knows: `wall` (Unix seconds) was right at `at` (ms of the timers). */
type WallClock =
  | { readonly quality: 'unset' }
  | { readonly quality: 'free-running' | 'set'; readonly wall: number; readonly at: number };

export class DeviceClock {
  private startedAt: number;
  private wall: WallClock;

  /** @param wall Unix seconds that the real-time clock shows at first, unset without */
  constructor(
    private readonly timers: Timers,
    wall?: number,
  ) {
    this.startedAt = timers.now();
    this.wall =
      wall === undefined ? { quality: 'unset' } : { quality: 'free-running', wall, at: this.startedAt };
  }

  /** Whole seconds since the start. */
  uptime(): number {
    return Math.floor((this.timers.now() - this.startedAt) / 1_000);
  }

  time(): DeviceTime {
    if (this.wall.quality === 'unset') return { quality: 'unset' };
    const elapsed = (this.timers.now() - this.wall.at) / 1_000;
    const wall = Math.floor(this.wall.wall + elapsed);
    return this.wall.quality === 'set'
      ? { quality: 'set', wall, age: Math.floor(elapsed) }
      : { quality: 'free-running', wall };
  }

  /** Sets wall time to `wall` Unix seconds. Returns the step when it is one that has to be logged. */
  set(wall: number): ClockStep | undefined {
    const before = this.time();
    this.wall = { quality: 'set', wall, at: this.timers.now() };
    if (before.quality === 'unset') return undefined;
    const step = wall - before.wall;
    if (step >= 0 && step <= MAX_SILENT_STEP_SECONDS) return undefined;
    return { seconds: Math.abs(step), back: step < 0 };
  }

  /** A new start: uptime begins again, the real-time clock runs on by itself. */
  restart(): void {
    this.startedAt = this.timers.now();
    if (this.wall.quality === 'set') this.wall = { ...this.wall, quality: 'free-running' };
  }
}
