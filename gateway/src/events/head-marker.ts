/**
 * The newest event's place, written outside the database. A database that comes back older than its marker was
 * restored or cloned; published again under the same numbers its events would tell a second story, so the gateway
 * does not start on it (SPEC.md, Event).
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { equalBytes, type EventHead, fromHex, type Timers, toHex } from '@timeband/protocol';
import { type Store, StoreError } from '../store/index.js';

/** Written at most this often. A marker that lags behind is an ancestor and does no harm. */
const WRITE_EVERY_MS = 1_000;

/** The event log of a database, as far as a marker is held against it. */
export type MarkedLog = Pick<Store, 'lastCommit' | 'hashAtCommitEnd'> & {
  readonly epochs: Pick<Store['epochs'], 'numberOf' | 'positionOf'>;
};

/** The newest event in a database, or nothing before the first. */
export function newestEvent(log: MarkedLog): EventHead | undefined {
  const last = log.lastCommit();
  return last && { ...log.epochs.numberOf(last.last), hash: last.head };
}

/** Where a marker stands to a database: `ancestor` where the log went on from it. */
export type MarkerVerdict = 'none' | 'equal' | 'ancestor' | 'ahead' | 'another';

/** Holds a marked event against the event log of a database. */
export function judgeMarker(marked: EventHead | undefined, log: MarkedLog): MarkerVerdict {
  if (marked === undefined) return 'none';
  const newest = newestEvent(log);
  if (newest === undefined || marked.epoch > newest.epoch) return 'ahead';
  if (marked.epoch === newest.epoch && marked.seq > newest.seq) return 'ahead';
  const position = log.epochs.positionOf(marked);
  const known = position === undefined ? undefined : log.hashAtCommitEnd(position);
  if (known === undefined || !equalBytes(known, marked.hash)) return 'another';
  return equalBytes(known, newest.hash) ? 'equal' : 'ancestor';
}

/** @throws StoreError when there is one that cannot be read */
export function readMarker(file: string): EventHead | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // Without an epoch it was written by a version that knew of one only.
  const [, epoch = '1', seq, hash] = /^(?:([1-9]\d{0,9}) )?([1-9]\d{0,9}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new StoreError(`${file} is damaged. Without it nobody can tell whether the database is whole.`);
  }
  return { epoch: Number(epoch), seq: Number(seq), hash: fromHex(hash) };
}

/** Writes it beside the old one first, so that a loss of power leaves one of the two. */
export function writeMarker(file: string, { epoch, seq, hash }: EventHead): void {
  const fd = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fd, `${epoch} ${seq} ${toHex(hash)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
}

export class HeadMarker {
  private newest: EventHead | undefined;
  private cancel: (() => void) | undefined;
  private isClosed = false;

  /** @param failed told of every time that it could not be written; it is tried again */
  constructor(
    private readonly file: string,
    private readonly timers: Timers,
    private readonly failed: (error: Error) => void = () => undefined,
  ) {}

  /** Holds the marker against the event log. @throws StoreError when the marked event is not in the log, or is another one */
  check(log: MarkedLog): void {
    const marked = readMarker(this.file);
    const verdict = judgeMarker(marked, log);
    if (marked === undefined || !(verdict === 'ahead' || verdict === 'another')) return;
    const advice = `Nothing is published. If the database was restored from a backup, restore a newer one, or restore it with --new-epoch; ${this.file} says what is missing.`;
    const newest = newestEvent(log);
    const end = newest === undefined ? 'holds none' : `ends at ${nameOf(newest)}`;
    throw new StoreError(
      verdict === 'ahead'
        ? `${nameOf(marked)} was made by this gateway, but its database ${end}. ${advice}`
        : `${nameOf(marked)} in the database is not the one that was made. ${advice}`,
    );
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
    this.isClosed = true;
    this.cancel?.();
    this.cancel = undefined;
    this.write();
  }

  private write(): void {
    const { newest } = this;
    if (newest === undefined) return;
    try {
      writeMarker(this.file, newest);
      this.newest = undefined;
    } catch (error) {
      this.failed(error as Error);
      if (!this.isClosed) this.note(newest);
    }
  }
}

/** How people are told of an event: there is one epoch nearly everywhere. */
export function nameOf({ epoch, seq }: Pick<EventHead, 'epoch' | 'seq'>): string {
  return epoch === 1 ? `event ${seq}` : `event ${seq} of epoch ${epoch}`;
}
