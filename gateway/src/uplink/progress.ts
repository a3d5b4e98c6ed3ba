/**
 * How far the city has confirmed the event log: the position up to which every event has its PUBACK. What is on disk
 * lags a little behind and is never ahead, so that a crash sends a few events again and loses none.
 */
import type { Timers } from '@timeband/protocol';
import type { UplinkTable } from '../store/index.js';
import { Saver } from './saver.js';

const SAVE_EVERY_MS = 250;

export interface ProgressOptions {
  readonly table: Pick<UplinkTable, 'cursor' | 'saveCursor'>;
  readonly timers: Timers;
  /** The cursor could not be saved; it will be tried again. */
  readonly saveFailed: (error: Error) => void;
}

export class Progress {
  private position: number;
  /** Confirmed, but something before them is not yet. Never more than the window. */
  private readonly early = new Set<number>();
  private readonly saver: Saver;

  constructor({ table, timers, saveFailed }: ProgressOptions) {
    this.position = table.cursor;
    this.saver = new Saver({
      ...{ timers, everyMs: SAVE_EVERY_MS, failed: saveFailed },
      save: () => {
        table.saveCursor(this.position);
      },
    });
  }

  /** Every event up to this position is confirmed. */
  get cursor(): number {
    return this.position;
  }

  confirm(position: number): void {
    if (position !== this.position + 1) {
      if (position > this.position) this.early.add(position);
      return;
    }
    do this.position++;
    while (this.early.delete(this.position + 1));
    this.saver.touch();
  }

  /** The connection is gone: what comes after the cursor is sent again, and confirmed again. */
  restart(): void {
    this.early.clear();
    this.saver.flush();
  }

  close(): void {
    this.saver.close();
  }
}
