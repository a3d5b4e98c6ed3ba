/**
 * Which events are about the same matter, kept in the transaction that stores them, and made again from them like the
 * ledger. What they come to is read from their records whenever somebody asks.
 */
import { decodeRecord, KIND, readEnrol, type Record } from '@timeband/protocol';
import type { Logger } from 'pino';
import { comparePlaces, type Place, type PublishedRecord } from '../ledger/index.js';
import { type Course, type EventSourceRow, type Store, StoreFault } from '../store/index.js';

export type CourseStore = Pick<Store, 'courses' | 'events' | 'facts' | 'lastCommit' | 'transaction'>;

export interface CoursesOptions {
  readonly store: CourseStore;
  readonly log?: Logger | undefined;
  readonly kinds: readonly CourseKind[];
}

/** Records of one kind that are about the same thing. */
export interface CourseKind {
  readonly kind: number;
  /** What a record is about, 16 bytes. */
  readonly idOf: (body: Record['body']) => Uint8Array;
  /** When a course began and ended, Unix seconds, by what is known of it now. */
  readonly spanOf: (
    course: Course,
  ) => { readonly began: number; readonly ended?: number | undefined } | undefined;
  /** Records about one: what a broken device says beyond is stored and published, and changes nothing. */
  readonly mostSteps: number;
}

/** An event with what it says. */
export interface SourceStep {
  readonly row: EventSourceRow;
  readonly record: Pick<Record, 'kind' | 'body'>;
}

const AT_ONCE = 5_000;
const PAGE = 200;

export class Courses {
  private changed = 0;

  constructor(private readonly options: CoursesOptions) {}

  /** Grows whenever something was taken in that one of them is about, since the start. */
  get changes(): number {
    return this.changed;
  }

  /**
   * Takes in the records of a commit, as part of the transaction that stores their events, after the ledger. Like it, what
   * cannot go on holds up no evidence: it stops where it was and tries again when the gateway is started.
   */
  record(published: readonly PublishedRecord[]): void {
    const [first] = published;
    const last = published.at(-1);
    const { store, log } = this.options;
    if (first === undefined || last === undefined || store.courses.progress !== first.seq - 1) return;
    try {
      store.transaction(() => {
        this.take(published);
        store.courses.setProgress(last.seq);
      });
    } catch (error) {
      if (error instanceof StoreFault) throw error;
      log?.error(
        { err: error, event: first.seq },
        'ALARM: matters cannot go on; records are stored all the same',
      );
    }
  }

  /** Takes in what is not in it yet: of a database that is older than it. */
  catchUp(): void {
    const { store } = this.options;
    const total = store.lastCommit()?.last ?? 0;
    while (store.courses.progress < total) this.step(Math.min(total, store.courses.progress + AT_ONCE));
  }

  /** Takes in what is not in it yet, up to an event. */
  step(last: number): void {
    const { store } = this.options;
    store.transaction(() => {
      for (let next = store.courses.progress + 1; next <= last; next += PAGE) {
        const rows = store.facts(next, Math.min(last, next + PAGE - 1));
        this.take(rows.map((row) => ({ ...row, record: decodeRecord(row.record) })));
      }
      store.courses.setProgress(last);
    });
  }

  /** Forgets it and derives it again. */
  rebuild(): void {
    const { store } = this.options;
    store.transaction(() => {
      store.courses.clear();
    });
    this.catchUp();
  }

  /** What was said about one, in the order of places. */
  stepsOf(course: Course): SourceStep[] {
    return stepsOf(this.options.store, course);
  }

  private take(events: readonly Pick<PublishedRecord, 'seq' | 'record' | 'band'>[]): void {
    const { store, kinds } = this.options;
    const touched = new Map<string, Course>();
    const touch = (course: Course): void => {
      touched.set(`${course.kind}/${Buffer.from(course.id).toString('hex')}`, course);
    };
    for (const { seq, record, band } of events) {
      if (record.kind === KIND.enrol)
        store.courses.withBand(readEnrol(record.body).action.band).forEach(touch);
      const of = kinds.find(({ kind }) => kind === record.kind);
      if (of === undefined) continue;
      const course = { kind: of.kind, id: of.idOf(record.body) };
      if (store.courses.stepsOf(course) >= of.mostSteps) continue;
      const [row] = band === undefined ? store.events(seq, seq) : [];
      store.courses.addStep(course, seq, band ?? row?.device);
      touch(course);
    }
    this.changed += touched.size;
    for (const course of touched.values()) {
      const span = kinds.find(({ kind }) => kind === course.kind)?.spanOf(course);
      store.courses.save({ ...course, began: span?.began ?? null, ended: span?.ended ?? null });
    }
  }
}

/** What was said about one, in the order of places. */
export function stepsOf(store: Pick<CourseStore, 'courses' | 'events'>, course: Course): SourceStep[] {
  return store.courses
    .eventsOf(course)
    .flatMap((event) => store.events(event, event))
    .map((row) => ({ row, record: decodeRecord(row.record) }))
    .sort((a, b) => comparePlaces(placeOf(a.row), placeOf(b.row)));
}

export function placeOf({ time, logId, logSeq }: Pick<EventSourceRow, 'time' | 'logId' | 'logSeq'>): Place {
  return { at: time.latest, log: Buffer.from(logId).toString('hex'), seq: logSeq, part: 0 };
}
