/** A tap at a commodity reader in the gateway's own log: it is the gateway that saw the tag. */
import { type TagReaderError, tagId, TapFilter, TimebandError, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { TagReaderConfig } from '../config/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { Entry } from './entry.js';

/** Counts by name and label. */
export interface Counters {
  readonly count: (name: string, label?: string) => void;
}

export interface TapsOptions {
  readonly config: Pick<TagReaderConfig, 'repeatSeconds'>;
  /** What to call the reader in log lines and counters. */
  readonly name: string;
  readonly ownLog: Pick<OwnLog, 'log'>;
  /** What a tag that is seen now comes to, asked when it is its turn. */
  readonly entryOf: (uid: Uint8Array) => Entry;
  readonly timers: Timers;
  readonly wallClock: () => number;
  readonly counters: Counters;
  readonly log: Logger;
}

/** Taps that wait for the disk at one reader: a person holds a tag there every second at most. */
const MOST_WAITING = 32;
/** Faults of one reader are logged once in so long, with how many there were; all are counted. */
const FAULT_LOG_MS = 60_000;

export class Taps {
  /**
   * Since the start: taps that were logged, those of them that came to nothing as a reader with a lamp would show, sightings that
   * belonged to one, taps that could not be logged, and faults.
   */
  readonly counts = { logged: 0, refused: 0, repeated: 0, lost: 0, faults: 0 };
  /** Unix seconds. */
  lastTap: number | undefined;
  private readonly filter: TapFilter;
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private faultLoggedAt = -Infinity;
  private silentFaults = 0;

  constructor(private readonly options: TapsOptions) {
    this.filter = new TapFilter(options.timers, options.config.repeatSeconds * 1_000);
  }

  /** A reader sees a tag; once, or again and again. */
  seen(uid: Uint8Array): void {
    if (!this.filter.begins(uid)) {
      this.counts.repeated++;
      return;
    }
    if (this.waiting === MOST_WAITING) {
      this.lose(uid, 'too many taps are waiting for the disk');
      return;
    }
    this.waiting++;
    this.last = this.last
      .then(() => this.log(uid))
      .finally(() => {
        this.waiting--;
      });
  }

  fault(error: TagReaderError): void {
    const { counters, log, timers, name } = this.options;
    this.counts.faults++;
    counters.count(error.code, name);
    if (timers.now() - this.faultLoggedAt < FAULT_LOG_MS) {
      this.silentFaults++;
      return;
    }
    this.faultLoggedAt = timers.now();
    log.warn(
      { reader: name, code: error.code, more: this.silentFaults },
      `the tag reader said something that is no tag: ${error.message}`,
    );
    this.silentFaults = 0;
  }

  /** Resolves when every tap so far is on disk or lost. */
  settled(): Promise<void> {
    return this.last;
  }

  private async log(uid: Uint8Array): Promise<void> {
    const { entryOf, ownLog, log, wallClock, name } = this.options;
    try {
      const { kind, body, says, expected } = entryOf(uid);
      const logged = await ownLog.log(kind, body);
      if (logged === undefined) {
        this.lose(uid, 'the clock is unset, the disk is full, or another gateway is the primary of the site');
        return;
      }
      this.counts.logged++;
      this.lastTap = Math.floor(wallClock());
      const { outcome, because } = expected ?? logged.outcome;
      if (outcome === 'refused') this.counts.refused++;
      log.info({ reader: name, tag: tagId(uid), ...says, outcome, because, seq: logged.seq }, 'tap');
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.lose(uid, error instanceof TimebandError ? `${error.message} (${error.code})` : error.message);
    }
  }

  /** The reader has no memory and no lamp of ours: staff has to know. */
  private lose(uid: Uint8Array, why: string): void {
    const { counters, log, name } = this.options;
    this.counts.lost++;
    counters.count('tag-reader-lost', name);
    log.error({ reader: name, tag: tagId(uid) }, `a tap could not be logged: ${why}`);
  }
}
