/**
 * Brings the books up to date where the database is older than they are, while the gateway already works: in steps short
 * enough that nobody at a reader notices, resting as long as it worked. Records are stored and published meanwhile; what is
 * derived from them says how far it is behind, and is not asked.
 */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { StoreFault } from '../store/index.js';

/** Something that is derived from events. */
export interface Derived {
  /** Events that are still to be taken in; 0 when it is up to date. */
  readonly behind: number;
  /** Takes in at most so many of them. @throws when it cannot go on; it is where it was then */
  readonly advance: (most: number) => void;
}

export interface CatchUpOptions {
  /** In the order in which they build on each other. */
  readonly books: readonly Derived[];
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string) => void };
}

/** How far the books are behind the events, for health, readiness and who asks them. */
export interface BooksReport {
  /** Events that they have yet to take in, each book's counted. */
  readonly behind: number;
  /** Seconds that it may take; absent while nothing is taken in. */
  readonly secondsLeft?: number | undefined;
  /** Why they do not go on; absent while they do. */
  readonly problem?: string | undefined;
}

/** Before anybody waits for anything: a small database is up to date when the gateway is ready. */
const AT_START_MS = 100;
/** Of one step, the disk included. */
const STEP_MS = 8;
const MOST = 2_000;
const TELL_EVERY_MS = 5_000;
/** Before that, how long it may take would be no more than a guess. */
const FIRST_GUESS_SECONDS = 4;
/** A disk that took nothing is tried again. */
const RETRY_MS = 5_000;

export class CatchUp {
  private size = 100;
  private cancel = (): void => undefined;
  private problem: string | undefined;
  private begun: { readonly at: number; readonly behind: number } | undefined;
  private toldAt = 0;

  constructor(private readonly options: CatchUpOptions) {}

  get behind(): number {
    return this.options.books.reduce((sum, { behind }) => sum + behind, 0);
  }

  /** @param done is called once, when everything is taken in: at once where that takes no time, and never after {@link close} */
  start(done: () => void): void {
    const { timers, log } = this.options;
    const { behind } = this;
    if (behind === 0) {
      done();
      return;
    }
    const at = timers.now();
    this.begun = { at, behind };
    this.toldAt = at;
    log.info(
      { behind },
      `the books are behind by ${behind} events, which are taken in while the gateway works`,
    );
    this.run(done, AT_START_MS);
  }

  report(): BooksReport {
    const { behind } = this;
    return {
      behind,
      secondsLeft: this.secondsLeft(behind),
      problem: behind === 0 ? undefined : this.problem,
    };
  }

  close(): void {
    this.cancel();
  }

  private run(done: () => void, forMs: number): void {
    const { timers, log, counters } = this.options;
    const started = performance.now();
    try {
      do {
        if (!this.step()) {
          log.info(
            { took: Math.round((timers.now() - (this.begun?.at ?? 0)) / 1_000) },
            'the books are up to date',
          );
          this.begun = undefined;
          done();
          return;
        }
      } while (performance.now() - started < forMs);
      this.problem = undefined;
      this.tell();
      this.again(done, Math.max(1, Math.ceil(performance.now() - started)));
    } catch (error) {
      this.problem = (error as Error).message;
      this.begun = undefined;
      counters.count('catch-up-failed');
      if (error instanceof StoreFault) {
        log.error({ err: error }, 'the books cannot be written: trying again');
        this.again(done, RETRY_MS);
        return;
      }
      log.error(
        { err: error, behind: this.behind },
        'ALARM: the books cannot go on; records are stored and published all the same',
      );
    }
  }

  private again(done: () => void, afterMs: number): void {
    this.cancel = this.options.timers.after(afterMs, () => {
      this.begun ??= { at: this.options.timers.now(), behind: this.behind };
      this.run(done, 0);
    });
  }

  /** One step of the first that is behind, larger or smaller by how long the last one took. @returns whether there was one */
  private step(): boolean {
    const book = this.options.books.find(({ behind }) => behind > 0);
    if (book === undefined) return false;
    const started = performance.now();
    book.advance(this.size);
    const ms = performance.now() - started;
    this.size = Math.round(
      Math.min(MOST, Math.max(10, this.size * Math.min(2, Math.max(0.25, STEP_MS / ms)))),
    );
    return true;
  }

  private tell(): void {
    const now = this.options.timers.now();
    if (now - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = now;
    const { behind } = this;
    const secondsLeft = this.secondsLeft(behind);
    this.options.log.info({ behind, secondsLeft }, `the books are still behind by ${behind} events`);
  }

  private secondsLeft(behind: number): number | undefined {
    if (this.begun === undefined || behind === 0) return undefined;
    const done = this.begun.behind - behind;
    const seconds = (this.options.timers.now() - this.begun.at) / 1_000;
    return done <= 0 || seconds < FIRST_GUESS_SECONDS ? undefined : Math.ceil((behind * seconds) / done);
  }
}
