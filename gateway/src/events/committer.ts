/**
 * Group commit: sealed batches from all devices become records, visit changes and signed events in one transaction.
 * Only when it is on disk are the batches' promises kept, from which acks follow, and the events handed on.
 */
import { type Assessor, bandNamed, counts, isDoubted, isSuspicious } from '../verify/index.js';
import {
  type Assessment,
  type EventContent,
  eventTypeOf,
  type Oscillator,
  type SealMoment,
  TimebandError,
  type TimeInterval,
  trustedTimes,
  type SealedRecord,
  type SealedRecords,
} from '@timeband/protocol';
import type { PublishedEvent } from '../broker/index.js';
import type { Ledger, PublishedRecord, Visits, VisitChange } from '../ledger/index.js';
import type { Matters } from '../matters/index.js';
import { asStoreFault, type Store, type StoredLog, StoreFault } from '../store/index.js';
import type { EventLog } from './event-log.js';
import { Pace } from './pace.js';

/** Verified records of one device on their way into the store. */
export interface Batch {
  /** Where the log stood before these records. */
  readonly log: StoredLog;
  readonly sealed: SealedRecords;
  readonly moment: SealMoment;
  readonly oscillator?: Oscillator | undefined;
  /** Why a record is for people to look at, whatever it says: its key was revoked. */
  readonly review?: ((record: SealedRecord) => TimebandError | undefined) | undefined;
}

export interface CommitterOptions {
  readonly store: Store;
  readonly assessor: Assessor;
  readonly visits: Visits;
  /** Posts what the records come to, in the same transaction. */
  readonly ledger?: Pick<Ledger, 'record' | 'reload'> | undefined;
  /** Takes them in after the ledger, in the same transaction. */
  readonly matters?: Pick<Matters, 'record'> | undefined;
  readonly events: EventLog;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly committed: (events: readonly PublishedEvent[]) => void;
  /** A record that is stored and quarantined, not published: its bytes or body are not what they should be. */
  readonly unreadable: (device: string, seq: number, error: TimebandError) => void;
  /** A record that is published for less than it tried to seem, and quarantined as well: a forged or replayed proof. */
  readonly doubted?: (device: string, seq: number, error: TimebandError) => void;
  /** Called with the milliseconds each transaction took. */
  readonly timed?: (ms: number) => void;
  /** Whether the disk takes anything just now. Without it every batch is tried. */
  readonly storage?: StorageGate | undefined;
}

/** What decides when a disk that failed is tried again, and learns from every commit how it does. */
export interface StorageGate {
  readonly isOpen: boolean;
  readonly failed: (fault: StoreFault) => void;
  readonly succeeded: () => void;
}

/** The log is not where the batch begins: its records came another way meanwhile. Nothing of it was stored. */
export class LogMoved extends Error {
  override readonly name = 'LogMoved';
}

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (committed: CommittedBatch) => void;
  readonly reject: (error: Error) => void;
}

/** What came of a record: everything derived from it, or the reason why nothing can be. */
export type RecordOutcome = Derived | TimebandError;

interface Derived {
  readonly content: EventContent;
  readonly reading: Assessment;
  readonly change: VisitChange;
}

interface Prepared {
  readonly sealed: SealedRecord;
  readonly outcome: RecordOutcome;
}

/** A batch that is on disk. */
export interface CommittedBatch {
  /** As it stands after these records. */
  readonly log: StoredLog;
  /** In their order. */
  readonly outcomes: readonly RecordOutcome[];
}

interface PreparedBatch {
  readonly batch: Batch;
  readonly records: readonly Prepared[];
  readonly log: StoredLog;
}

export class Committer {
  private waiting: Waiting[] = [];
  private scheduled = false;
  private readonly pace = new Pace();

  constructor(private readonly options: CommitterOptions) {}

  /** Whether anything is stored just now: where not, records are left with their devices. */
  get isOpen(): boolean {
    return this.options.storage?.isOpen ?? true;
  }

  /** Stores a batch durably, together with whatever else is waiting. Rejects with a StoreFault when the disk does not take it, with {@link LogMoved} when it was stored already. */
  submit(batch: Batch): Promise<CommittedBatch> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private flush(): void {
    const group: Waiting[] = [];
    let { room } = this.pace;
    for (let next; (next = this.waiting[0]) !== undefined;) {
      room -= next.batch.sealed.records.length;
      if (room < 0 && group.length > 0) break;
      this.waiting.shift();
      if (!this.follows(next.batch, group)) {
        next.reject(new LogMoved(`the log of ${next.batch.log.device} has moved on`));
        continue;
      }
      group.push(next);
    }
    let committed: readonly PreparedBatch[];
    try {
      committed = this.commit(group.map(({ batch }) => batch));
    } catch (error) {
      this.options.visits.reload();
      this.options.ledger?.reload();
      this.options.assessor.settle();
      const fault = asStoreFault(error);
      if (fault instanceof StoreFault) this.options.storage?.failed(fault);
      for (const { reject } of group) reject(fault as Error);
      return;
    }
    this.options.storage?.succeeded();
    group.forEach(({ resolve }, i) => {
      const batch = committed[i];
      if (batch === undefined) return;
      resolve({ log: batch.log, outcomes: batch.records.map(({ outcome }) => outcome) });
    });
  }

  /** Whether a batch begins where its log ends: the same records may come from their device and by another gateway. */
  private follows({ log }: Batch, group: readonly Waiting[]): boolean {
    const before = group.findLast(({ batch }) => batch.log.key === log.key)?.batch;
    const head = before?.sealed.records.at(-1)?.seq ?? before?.log.head ?? this.options.store.headOf(log.key);
    return head === log.head;
  }

  private commit(batches: readonly Batch[]): readonly PreparedBatch[] {
    const { store, events, wallClock } = this.options;
    const prepared = batches.map((batch) => this.prepare(batch));
    const contents = prepared.flatMap(({ records }) =>
      records.flatMap(({ outcome }) => (outcome instanceof TimebandError ? [] : outcome.content)),
    );
    const now = Math.floor(wallClock());
    const commit = contents.length === 0 ? undefined : events.sign(contents, now);

    const started = performance.now();
    store.transaction(() => {
      let eventSeq = events.head;
      const published: PublishedRecord[] = [];
      for (const { batch, records, log } of prepared) {
        const seal = store.insertSeal(batch.sealed.seal.id, log.key, batch.sealed.seal.bytes);
        for (const { sealed, outcome } of records) {
          store.insertRecord({ log: log.key, ...sealed }, seal);
          if (outcome instanceof TimebandError) {
            const { code, message } = outcome;
            store.quarantine.keep({ at: now, device: log.device, code, message, bytes: sealed.bytes });
            store.unpublished.withhold(log.key, sealed.seq, code);
            continue;
          }
          this.persist(outcome, ++eventSeq, log);
          if (!(sealed.record instanceof TimebandError)) {
            const { content, reading } = outcome;
            const counted = { ...content, seq: eventSeq, doubted: isDoubted(reading), recorded: () => now };
            published.push({ ...counted, record: sealed.record });
          }
          if (outcome.reading.doubt !== undefined && isSuspicious(outcome.reading)) {
            const { code, message } = outcome.reading.doubt;
            store.quarantine.keep({ at: now, device: log.device, code, message, bytes: sealed.bytes });
          }
        }
        store.advanceLog(log);
      }
      if (commit !== undefined) store.insertCommit(commit.row);
      this.options.ledger?.record(published);
      this.options.matters?.record(published);
      this.pace.took(contents.length, performance.now() - started);
    });
    this.options.timed?.(performance.now() - started);
    this.options.assessor.settle();

    if (commit !== undefined) {
      events.advance(commit.row);
      this.options.committed(commit.events);
    }
    for (const { records, log } of prepared) {
      for (const { sealed, outcome } of records) {
        if (outcome instanceof TimebandError) this.options.unreadable(log.device, sealed.seq, outcome);
        else if (outcome.reading.doubt !== undefined) {
          this.options.doubted?.(log.device, sealed.seq, outcome.reading.doubt);
        }
      }
    }
    return prepared;
  }

  /** Within the transaction that stores the record. */
  private persist({ content, reading, change }: Derived, seq: number, log: StoredLog): void {
    const { store, visits, assessor } = this.options;
    const { logSeq, evidence, time, minutes, act } = content;
    const band = content.band === bandNamed(reading.punch) ? undefined : content.band;
    const doubted = isDoubted(reading);
    store.insertEvent({ seq, log: log.key, logSeq, evidence, time, minutes, band, act, doubted });
    assessor.persist(reading, { log: log.key, seq, time });
    visits.persist(change);
  }

  private prepare(batch: Batch): PreparedBatch {
    const { log, sealed } = batch;
    const { intervals, floor: timeFloor } = trustedTimes(
      sealed.records.map(({ record }) => (record instanceof TimebandError ? undefined : record)),
      sealed.seal,
      batch.moment,
      { floor: log.timeFloor, oscillator: batch.oscillator },
    );
    const records = sealed.records.map((record, i): Prepared => {
      const time = intervals[i] ?? { latest: Math.ceil(batch.moment.answered) };
      return { sealed: record, outcome: this.derive(batch, record, time) };
    });
    const head = sealed.records.at(-1)?.seq ?? log.head;
    return { batch, records, log: { ...log, head, hash: sealed.hash, timeFloor } };
  }

  private derive(batch: Batch, sealed: SealedRecord, time: TimeInterval): RecordOutcome {
    const { log, review } = batch;
    const { seal } = batch.sealed;
    try {
      if (sealed.record instanceof TimebandError) return sealed.record;
      const toReview = review?.(sealed);
      if (toReview !== undefined) return toReview;
      const reading = this.options.assessor.assess(sealed.record, log, time);
      const { evidence, punch, band, act } = reading;
      const change: VisitChange =
        punch === undefined || band === undefined || !counts(reading)
          ? { change: 'none' }
          : this.options.visits.apply(band, punch, time);
      return {
        change,
        reading,
        content: {
          type: eventTypeOf(sealed.record.kind),
          device: log.device,
          logId: log.logId,
          logSeq: sealed.seq,
          logPrevious: sealed.previous,
          record: sealed.bytes,
          sealId: seal.id,
          evidence,
          time,
          band,
          minutes: change.change === 'close' ? change.minutes : undefined,
          vouched: log.vouched ? 'gateway' : undefined,
          act,
        },
      };
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return error;
    }
  }
}
