/** Writes something that changes often, behind its back: at most once in a period, and again when that failed. */
import type { Timers } from '@timeband/protocol';

export interface SaverOptions {
  readonly timers: Timers;
  readonly everyMs: number;
  /** Durable when it returns. */
  readonly save: () => void;
  /** It will be tried again. */
  readonly failed: (error: Error) => void;
}

export class Saver {
  private cancel: (() => void) | undefined;

  constructor(private readonly options: SaverOptions) {}

  /** Will be saved soon. */
  touch(): void {
    this.cancel ??= this.options.timers.after(this.options.everyMs, () => {
      this.flush();
    });
  }

  /** Saves now, if there is anything to save. @returns whether nothing is left to save */
  flush(): boolean {
    if (this.cancel === undefined) return true;
    this.cancel();
    this.cancel = undefined;
    try {
      this.options.save();
      return true;
    } catch (error) {
      this.options.failed(error as Error);
      this.touch();
      return false;
    }
  }

  /** Saves for the last time. */
  close(): void {
    this.flush();
    this.cancel?.();
    this.cancel = undefined;
  }
}
