/**
 * The newest event's place, written outside the database. A database that comes back older than its marker was
 * restored or cloned; published again under the same numbers its events would tell a second story, so the gateway
 * does not start on it (SPEC.md, Event).
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { equalBytes, fromHex, type Timers, toHex } from '@timeband/protocol';
import { StoreError } from '../store/index.js';

/** Written at most this often. A marker that lags behind is an ancestor and does no harm. */
const WRITE_EVERY_MS = 1_000;

/** An event that ends a commit, and its hash. */
export interface EventHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export class HeadMarker {
  private newest: EventHead | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly file: string,
    private readonly timers: Timers,
  ) {}

  /**
   * Holds the marker against the event log.
   *
   * @param hashAt the hash of the event of that number where it ends a commit
   * @throws StoreError when the marked event is not in the log, or is another one
   */
  check(head: number, hashAt: (seq: number) => Uint8Array | undefined): void {
    const marked = this.read();
    if (marked === undefined) return;
    const advice = `Nothing is published. If the database was restored from a backup, restore a newer one; ${this.file} says what is missing.`;
    if (marked.seq > head) {
      throw new StoreError(
        `event ${marked.seq} was made by this gateway, but its database ends at event ${head}. ${advice}`,
      );
    }
    const known = hashAt(marked.seq);
    if (known === undefined || !equalBytes(known, marked.hash)) {
      throw new StoreError(`event ${marked.seq} in the database is not the one that was made. ${advice}`);
    }
  }

  /** Takes note of what is durable now. */
  note(head: EventHead): void {
    this.newest = head;
    this.cancel ??= this.timers.after(WRITE_EVERY_MS, () => {
      this.cancel = undefined;
      this.write();
    });
  }

  /** Writes what was noted last. */
  close(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.write();
  }

  private read(): EventHead | undefined {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const [, seq, hash] = /^([1-9]\d{0,9}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
    if (seq === undefined || hash === undefined) {
      throw new StoreError(
        `${this.file} is damaged. Without it nobody can tell whether the database is whole.`,
      );
    }
    return { seq: Number(seq), hash: fromHex(hash) };
  }

  /** Beside the old one first, so that a loss of power leaves one of the two. */
  private write(): void {
    if (this.newest === undefined) return;
    const fd = openSync(`${this.file}.new`, 'w', 0o600);
    try {
      writeSync(fd, `${this.newest.seq} ${toHex(this.newest.hash)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${this.file}.new`, this.file);
    this.newest = undefined;
  }
}
