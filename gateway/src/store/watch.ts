/**
 * Whether the disk can be relied upon: nothing is acknowledged that it would not take. Where it is nearly full, or has
 * just refused a commit, records are left with their devices, and it is tried again (SPEC.md, Ack).
 */
import { existsSync, statfsSync } from 'node:fs';
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { StoreFault } from './fault.js';

export interface StorageWatchOptions {
  /** Where the database stands. */
  readonly dir: string;
  /** With less than this nothing is stored. */
  readonly minFreeBytes: number;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string, detail?: string) => void };
  /** While it is there nothing is stored: a new version is being tried, which may still be taken back. */
  readonly holdFile?: string | undefined;
  /** Bytes left for this user; asks the file system unless given. */
  readonly freeBytes?: (dir: string) => number;
}

/** `low`: too little room is left. `failing`: the last commit failed. `held`: an upgrade is being tried. */
export interface StorageReport {
  readonly state: 'good' | 'low' | 'failing' | 'held';
  readonly freeBytes: number | undefined;
  readonly problem: string | undefined;
}

const LOOK_EVERY_MS = 5_000;
const LOOK_WHILE_HELD_MS = 500;
/** Whoever tries an upgrade has decided by then, or is gone. */
const LONGEST_HOLD_MS = 20 * 60_000;
/** A disk that failed is tried again after 1, 2, 4 … 30 s. */
const RETRY_MS = { least: 1_000, most: 30_000 };

export class StorageWatch {
  private free: number | undefined;
  private isLow = false;
  private isHeld = false;
  private isStarting = true;
  private readonly startedAt: number;
  private fault: StoreFault | undefined;
  private retryMs = RETRY_MS.least;
  private retryAt = 0;
  private cancel: () => void = () => undefined;

  constructor(private readonly options: StorageWatchOptions) {
    this.startedAt = options.timers.now();
    this.look();
    this.isStarting = false;
  }

  /** Whether a commit may be tried. */
  get isOpen(): boolean {
    return !this.isLow && !this.isHeld && this.options.timers.now() >= this.retryAt;
  }

  readonly failed = (fault: StoreFault): void => {
    const { timers, log, counters } = this.options;
    counters.count(fault.code);
    if (this.fault?.code !== fault.code) {
      log.error(
        { code: fault.code },
        `ALARM: ${fault.message}. Nothing is acknowledged; records stay with their devices.`,
      );
    }
    this.fault = fault;
    this.retryAt = timers.now() + this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS.most);
  };

  readonly succeeded = (): void => {
    if (this.fault === undefined) return;
    this.options.log.info({ code: this.fault.code }, 'the disk takes commits again');
    this.fault = undefined;
    this.retryMs = RETRY_MS.least;
    this.retryAt = 0;
  };

  report(): StorageReport {
    const { isLow, isHeld, fault, free: freeBytes } = this;
    if (fault !== undefined) return { state: 'failing', freeBytes, problem: fault.message };
    if (isLow) return { state: 'low', freeBytes, problem: this.tooLittle() };
    return isHeld
      ? { state: 'held', freeBytes, problem: 'a new version is being tried: nothing is acknowledged yet' }
      : { state: 'good', freeBytes, problem: undefined };
  }

  close(): void {
    this.cancel();
  }

  private look(): void {
    const { dir, minFreeBytes, timers, log, counters, freeBytes = freeBytesOf } = this.options;
    try {
      this.free = freeBytes(dir);
    } catch (error) {
      // A disk that cannot be asked is judged by its commits.
      this.free = undefined;
      counters.count('store/free-space');
      log.warn({ dir, err: error }, 'the free space of the disk is not known');
    }
    const isLow = this.free !== undefined && this.free < minFreeBytes;
    if (isLow && !this.isLow) {
      counters.count('store/low');
      log.error({ free: this.free, needed: minFreeBytes }, `ALARM: ${this.tooLittle()}`);
    } else if (!isLow && this.isLow) {
      log.info({ free: this.free }, 'the disk has room again');
    }
    this.isLow = isLow;
    this.lookAtHold();
    this.cancel = timers.after(this.isHeld ? LOOK_WHILE_HELD_MS : LOOK_EVERY_MS, () => {
      this.look();
    });
  }

  /** A hold is for the start of a version only: one that is put up later, or left behind, stops nothing. */
  private lookAtHold(): void {
    const { holdFile, timers, log } = this.options;
    const wasHeld = this.isHeld;
    const age = timers.now() - this.startedAt;
    const isThere = holdFile !== undefined && (this.isStarting || wasHeld) && existsSync(holdFile);
    this.isHeld = isThere && age < LONGEST_HOLD_MS;
    if (this.isHeld && !wasHeld)
      log.info({ holdFile }, 'nothing is stored before this version has proven itself');
    else if (wasHeld && !this.isHeld) {
      if (isThere) log.error({ holdFile }, 'ALARM: nobody ended the trial of this version; it goes on');
      else log.info('this version is kept: records are stored again');
    }
  }

  private tooLittle(): string {
    const { dir, minFreeBytes } = this.options;
    return `the disk of ${dir} has less than ${megabytes(minFreeBytes)} MB left: nothing is acknowledged, records stay with their devices. Make room.`;
  }
}

function freeBytesOf(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
