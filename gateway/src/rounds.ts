/** Looks at something now and again: one look at a time, the next a while after the last has ended. */
import type { Timers } from '@timeband/protocol';

export class Rounds {
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();
  private cancel = (): void => undefined;

  /** @param look sees to its own failures */
  constructor(
    private readonly look: () => Promise<void>,
    private readonly everyMs: number,
    private readonly timers: Timers,
  ) {}

  /** Whether a look that goes on for long is to end. */
  get isClosed(): boolean {
    return this.isOver;
  }

  /** Looks now and from now on, until closed. */
  start(): void {
    this.looking = this.look().finally(() => {
      if (this.isOver) return;
      this.cancel = this.timers.after(this.everyMs, () => {
        this.start();
      });
    });
  }

  /** Resolves when the look that is under way has ended. */
  async close(): Promise<void> {
    this.isOver = true;
    this.cancel();
    await this.looking;
  }
}
