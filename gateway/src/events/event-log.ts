/** The event log: numbers, chains and signs what is published, and can say every event again from the store. */
import {
  type Certificate,
  decodeRecord,
  encodeCommit,
  encodeEventAt,
  type EventContent,
  eventGenesis,
  eventHash,
  eventTypeOf,
  MerkleTree,
  type PrivateKey,
  readPunch,
  signCommit,
} from '@timeband/protocol';
import type { PublishedEvent } from '../broker/index.js';
import type { CommitRow, EventSourceRow, Store } from '../store/index.js';
import type { EventHead } from './head-marker.js';
import { bandNamed } from '../verify/index.js';

/** The events of one commit and the row that makes them durable. */
export interface SignedCommit {
  readonly row: CommitRow;
  readonly events: readonly PublishedEvent[];
}

/** Epochs change when a box is restored; a new box is in its first. */
const EPOCH = 1;

export class EventLog {
  readonly epoch = EPOCH;
  private position: EventHead;
  private rebuilt: { readonly first: number; readonly events: readonly PublishedEvent[] } | undefined;

  constructor(
    private readonly store: Store,
    private readonly key: PrivateKey,
    private readonly certificate: Certificate,
  ) {
    const last = store.lastCommit();
    this.position =
      last === undefined
        ? { seq: 0, hash: eventGenesis(certificate.site, certificate.subject, certificate.thumbprint, EPOCH) }
        : { seq: last.last, hash: last.head };
  }

  /** Sequence number of the newest durable event. */
  get head(): number {
    return this.position.seq;
  }

  /** The newest durable event and its hash. */
  get newest(): EventHead {
    return this.position;
  }

  /** Hashes of the events from `first` to `last`, made again from the store: leaves of the log tree. */
  hashes(first: number, last: number): Uint8Array[] {
    const hashes: Uint8Array[] = [];
    for (let next = first; next <= last; next = first + hashes.length) {
      const row = this.store.commitOf(next);
      if (row === undefined) throw new RangeError(`no event ${next}`);
      const contents = this.store.events(row.first, row.last).map(contentOf);
      const commit = this.chain(contents, row.first - 1, row.previous, row.recorded).hashes;
      hashes.push(...commit.slice(next - row.first, last - row.first + 1));
    }
    return hashes;
  }

  /** Signs what comes next. Nothing changes until {@link advance}. `recorded` is Unix seconds. */
  sign(contents: readonly EventContent[], recorded: number): SignedCommit {
    const { seq, hash } = this.position;
    const { bytes, hashes } = this.chain(contents, seq, hash, recorded);
    const tree = new MerkleTree(hashes);
    const signature = signCommit(this.key, this.certificate.site, tree.root);
    return {
      row: {
        first: seq + 1,
        last: seq + contents.length,
        previous: hash,
        head: hashes.at(-1) ?? hash,
        recorded,
        ...signature,
      },
      events: publish(contents, seq, encodeCommit(bytes, tree, signature)),
    };
  }

  /** After a commit is on disk. */
  advance(commit: CommitRow): void {
    this.position = { seq: commit.last, hash: commit.head };
  }

  /** The events after `after`, at least one commit's rest and at most about `limit`, from the store. */
  read(after: number, limit: number): PublishedEvent[] {
    const events: PublishedEvent[] = [];
    while (events.length < limit) {
      const next = this.commitAt((events.at(-1)?.seq ?? after) + 1);
      if (next.length === 0) break;
      events.push(...next);
    }
    return events.slice(0, limit);
  }

  /** The events from `seq` to the end of their commit. */
  private commitAt(seq: number): readonly PublishedEvent[] {
    if (seq > this.position.seq) return [];
    let cached = this.rebuilt;
    if (cached === undefined || seq < cached.first || seq >= cached.first + cached.events.length) {
      const row = this.store.commitOf(seq);
      if (row === undefined) return [];
      cached = { first: row.first, events: this.rebuild(row) };
      this.rebuilt = cached;
    }
    return cached.events.slice(seq - cached.first);
  }

  private rebuild(row: CommitRow): PublishedEvent[] {
    const contents = this.store.events(row.first, row.last).map(contentOf);
    const { bytes, hashes } = this.chain(contents, row.first - 1, row.previous, row.recorded);
    return publish(contents, row.first - 1, encodeCommit(bytes, new MerkleTree(hashes), row));
  }

  private chain(contents: readonly EventContent[], seq: number, previous: Uint8Array, recorded: number) {
    const { site, subject: gateway } = this.certificate;
    const bytes: Uint8Array[] = [];
    const hashes: Uint8Array[] = [];
    for (const content of contents) {
      const event = encodeEventAt({ site, gateway, epoch: EPOCH, seq: ++seq, previous, recorded }, content);
      previous = eventHash(event);
      bytes.push(event);
      hashes.push(previous);
    }
    return { bytes, hashes };
  }
}

function publish(
  contents: readonly EventContent[],
  seq: number,
  messages: readonly Uint8Array[],
): PublishedEvent[] {
  return messages.map((message, i) => ({ seq: seq + 1 + i, type: contents[i]?.type ?? 'other', message }));
}

/** The content that a stored event was made from. */
function contentOf(row: EventSourceRow): EventContent {
  const record = decodeRecord(row.record);
  const type = eventTypeOf(record.kind);
  return {
    type,
    device: row.device,
    logId: row.logId,
    logSeq: row.logSeq,
    logPrevious: row.logPrevious,
    record: row.record,
    sealId: row.sealId,
    evidence: row.evidence,
    time: row.time,
    band: row.band ?? (type === 'punch' ? bandNamed(readPunch(record.body)) : undefined),
    minutes: row.minutes,
    vouched: row.vouched ? 'gateway' : undefined,
    act: row.act,
  };
}
