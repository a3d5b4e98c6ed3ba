/**
 * When the next event may go: the schedule, the limit for the day, the rates. What is urgent passes all of them and
 * still counts.
 */
import type { Timers } from '@timeband/protocol';
import type { UplinkConfig } from '../config/index.js';
import type { DaySpent, UplinkTable } from '../store/index.js';
import { Saver } from './saver.js';
import { Schedule } from './schedule.js';
import { TokenBucket } from './token-bucket.js';

/** Why nothing goes just now, and when to ask again. */
export interface Hold {
  readonly because: 'schedule' | 'budget' | 'rate';
  readonly ms: number;
}

export interface GateOptions {
  readonly config: Pick<UplinkConfig, 'rate' | 'metered' | 'schedule' | 'timeZone'>;
  readonly table: Pick<UplinkTable, 'spent' | 'saveSpent'>;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  /** What was spent could not be saved; it will be tried again. */
  readonly saveFailed: (error: Error) => void;
}

/** A crash in between is a few bytes over the limit. */
const SAVE_EVERY_MS = 5_000;
/** Spans and days begin with a minute. */
const LOOK_AGAIN_MS = 15_000;

export class Gate {
  private readonly schedule: Schedule;
  private readonly messages: TokenBucket | undefined;
  private readonly bytes: TokenBucket | undefined;
  private spent: DaySpent;
  private readonly saver: Saver;

  constructor(private readonly options: GateOptions) {
    const { rate, schedule, timeZone } = options.config;
    this.schedule = new Schedule(schedule, timeZone);
    this.messages = this.bucket(rate.messagesPerSecond, rate.burst);
    this.bytes = this.bucket(rate.bytesPerSecond, rate.burst);
    this.spent = options.table.spent;
    this.saver = new Saver({
      ...{ timers: options.timers, everyMs: SAVE_EVERY_MS, failed: options.saveFailed },
      save: () => {
        options.table.saveSpent(this.spent);
      },
    });
  }

  /** Why a message of this many bytes has to wait; nothing when it may go now. */
  hold(bytes: number): Hold | undefined {
    const now = this.options.wallClock();
    if (!this.schedule.isOpen(now)) return { because: 'schedule', ms: LOOK_AGAIN_MS };
    const budget = this.options.config.metered?.bytesPerDay ?? Infinity;
    if (this.spentOn(now) + bytes > budget) return { because: 'budget', ms: LOOK_AGAIN_MS };
    const ms = Math.max(this.messages?.waitFor(1) ?? 0, this.bytes?.waitFor(bytes) ?? 0);
    return ms > 0 ? { because: 'rate', ms } : undefined;
  }

  /** An event goes. */
  admit(bytes: number): void {
    this.messages?.take(1);
    this.bytes?.take(bytes);
  }

  /** So many bytes were sent, of whatever kind. */
  sent(bytes: number): void {
    if (this.options.config.metered === undefined) return;
    const now = this.options.wallClock();
    this.spent = { day: this.schedule.dayOf(now), bytes: this.spentOn(now) + bytes };
    this.saver.touch();
  }

  close(): void {
    this.saver.close();
  }

  private spentOn(now: number): number {
    return this.spent.day === this.schedule.dayOf(now) ? this.spent.bytes : 0;
  }

  private bucket(perSecond: number | undefined, burst: number): TokenBucket | undefined {
    if (perSecond === undefined) return undefined;
    return new TokenBucket(perSecond, Math.max(1, perSecond * burst), this.options.timers.now);
  }
}
