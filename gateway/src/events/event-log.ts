/** The event log: numbers, chains and signs what is published, and can say every event again from the store. */
import {
  type Certificate,
  encodeCommit,
  type EventContent,
  eventGenesis,
  type EventHead,
  type KnownDeviceStatement,
  MerkleTree,
  type PrivateKey,
  signCommit,
} from '@timeband/protocol';
import type { PublishedEvent } from '../broker/index.js';
import type { CommitRow, EpochRow, Store } from '../store/index.js';
import { type ChainedEvents, chainEvents, contentOf, type RebuiltContent, startOf } from './rebuild.js';

/** The events of one commit and the row that makes them durable. */
export interface SignedCommit {
  readonly row: CommitRow;
  readonly events: readonly PublishedEvent[];
}

/** The first words of an epoch that a restore began. */
export interface EpochOpening {
  readonly epoch: number;
  readonly statement: KnownDeviceStatement;
}

/** The newest event: its position over all epochs, and its hash. */
interface Position {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** Goes by positions, which grow over all epochs; {@link CurrentEpoch} goes by the numbers that events bear. */
export class EventLog {
  private readonly written: EpochRow;
  private position: Position;
  private rebuilt:
    { readonly first: number; readonly last: number; readonly events: readonly PublishedEvent[] } | undefined;

  constructor(
    private readonly store: Store,
    private readonly key: PrivateKey,
    private readonly certificate: Certificate,
  ) {
    const { site, subject, thumbprint, kid, bytes } = certificate;
    store.epochs.keepSigner(kid, bytes);
    this.written = store.epochs.current;
    const { epoch, base } = this.written;
    const last = store.lastCommit();
    this.position =
      last === undefined || last.last <= base
        ? { seq: base, hash: eventGenesis(site, subject, thumbprint, epoch) }
        : { seq: last.last, hash: last.head };
  }

  /** The epoch that is being written. */
  get epoch(): number {
    return this.written.epoch;
  }

  /** Position of the newest durable event. */
  get head(): number {
    return this.position.seq;
  }

  /** The newest durable event of the epoch by its number. */
  get newest(): EventHead {
    const { epoch, base } = this.written;
    return { epoch, seq: this.position.seq - base, hash: this.position.hash };
  }

  /** What every epoch after a restore begins with, where that is not logged yet (SPEC.md, Event). */
  get opening(): EpochOpening | undefined {
    const { epoch, base, newest } = this.written;
    const { epochs } = this.store;
    if (this.head > base || epochs.all.length === 1) return undefined;
    const { site, subject, thumbprint } = this.certificate;
    const from = epochs.numberOf(base);
    const hash = this.store.lastCommit()?.head ?? eventGenesis(site, subject, thumbprint, from.epoch);
    return { epoch, statement: { event: 'eventsContinued', from: { ...from, hash }, newest } };
  }

  /** Position of the last event of earlier epochs. */
  get base(): number {
    return this.written.base;
  }

  /** Hashes of the events from `first` to `last`, made again from the store: leaves of the log tree. */
  hashes(first: number, last: number): Uint8Array[] {
    const hashes: Uint8Array[] = [];
    for (let next = first; next <= last; next = first + hashes.length) {
      const row = this.store.commitOf(next);
      if (row === undefined) throw new RangeError(`no event ${next}`);
      const commit = this.chain(row, this.contents(row)).hashes;
      hashes.push(...commit.slice(next - row.first, last - row.first + 1));
    }
    return hashes;
  }

  /** Signs what comes next. Nothing changes until {@link advance}. `recorded` is Unix seconds. */
  sign(contents: readonly EventContent[], recorded: number): SignedCommit {
    const { seq, hash } = this.position;
    const place = { first: seq + 1, previous: hash, recorded };
    const { bytes, hashes } = this.chain(place, contents);
    const tree = new MerkleTree(hashes);
    const signature = signCommit(this.key, this.certificate.site, tree.root);
    return {
      row: { ...place, last: seq + contents.length, head: hashes.at(-1) ?? hash, ...signature },
      events: publish(contents, seq, encodeCommit(bytes, tree, signature)),
    };
  }

  /** After a commit is on disk. */
  advance(commit: CommitRow): void {
    this.position = { seq: commit.last, hash: commit.head };
  }

  /**
   * The events after a position, at least one commit's rest and at most about `limit`, from the store. Those whose records were
   * replaced on request are passed over.
   */
  read(after: number, limit: number): PublishedEvent[] {
    const events: PublishedEvent[] = [];
    for (let next = after + 1; events.length < limit;) {
      const commit = this.commitAt(next);
      if (commit === undefined) break;
      for (const event of commit.events) if (event.seq >= next) events.push(event);
      next = commit.last + 1;
    }
    return events.slice(0, limit);
  }

  /** The commit that holds an event. */
  private commitAt(seq: number): NonNullable<EventLog['rebuilt']> | undefined {
    if (seq > this.position.seq) return undefined;
    const cached = this.rebuilt;
    if (cached !== undefined && seq >= cached.first && seq <= cached.last) return cached;
    const row = this.store.commitOf(seq);
    if (row === undefined) return undefined;
    this.rebuilt = { first: row.first, last: row.last, events: this.rebuild(row) };
    return this.rebuilt;
  }

  private rebuild(row: CommitRow): PublishedEvent[] {
    const contents = this.contents(row);
    const { bytes, hashes } = this.chain(row, contents);
    const events = publish(contents, row.first - 1, encodeCommit(bytes, new MerkleTree(hashes), row));
    return events.filter((_, i) => contents[i]?.erased === undefined);
  }

  private contents({ first, last }: CommitRow): RebuiltContent[] {
    return this.store.events(first, last).map(contentOf);
  }

  private chain(
    commit: Pick<CommitRow, 'first' | 'previous' | 'recorded'>,
    contents: readonly RebuiltContent[],
  ): ChainedEvents {
    const { site, subject: gateway } = this.certificate;
    return chainEvents(startOf(commit, this.store.epochs.epochAt(commit.first), { site, gateway }), contents);
  }
}

function publish(
  contents: readonly EventContent[],
  seq: number,
  messages: readonly Uint8Array[],
): PublishedEvent[] {
  return messages.map((message, i) => ({ seq: seq + 1 + i, type: contents[i]?.type ?? 'other', message }));
}
