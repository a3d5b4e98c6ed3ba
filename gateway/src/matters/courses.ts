/**
 * Which events are about the same matter, kept in the transaction that stores them, and made again from them like the
 * ledger. What they come to is read from their records whenever somebody asks.
 */
import { decodeRecord, KIND, readEnrol, type Record } from '@timeband/protocol';
import type { Logger } from 'pino';
import { comparePlaces, type Place, type PublishedRecord } from '../ledger/index.js';
import {
  type Course,
  type CourseKindRow,
  type EventSourceRow,
  type Store,
  StoreFault,
} from '../store/index.js';

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

type Taken = Pick<PublishedRecord, 'seq' | 'record' | 'band'>;

const AT_ONCE = 5_000;
const PAGE = 200;

export class Courses {
  private changed = 0;
  /** Whether every kind is noted in the store. */
  private hasBegun = false;

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
        this.beginKinds();
        this.take(published);
        store.courses.setProgress(last.seq);
      });
    } catch (error) {
      this.hasBegun = false;
      if (error instanceof StoreFault) throw error;
      log?.error(
        { err: error, event: first.seq },
        'ALARM: matters cannot go on; records are stored all the same',
      );
    }
  }

  /** Events that are still to be taken in, of a database that is older than it or than a kind; 0 when it is up to date. */
  get behind(): number {
    const { store } = this.options;
    const left = (store.lastCommit()?.last ?? 0) - store.courses.progress;
    const back = this.kindsBehind();
    if (back.length === 0) return left;
    const [from, until] = [
      Math.min(...back.map(({ event }) => event)),
      Math.max(...back.map(({ until }) => until)),
    ];
    return left + until - from;
  }

  /** Takes in some of what it is behind by, at most so many events. */
  advance(most: number): void {
    const { store } = this.options;
    const total = store.lastCommit()?.last ?? 0;
    const { progress } = store.courses;
    if (progress < total) this.step(Math.min(total, progress + most));
    else this.lookBack(most);
  }

  /** Takes in everything that it is behind by. */
  catchUp(): void {
    while (this.behind > 0) this.advance(AT_ONCE);
  }

  /** Takes in what is not in it yet, up to an event. */
  step(last: number): void {
    const { store } = this.options;
    store.transaction(() => {
      this.beginKinds();
      for (let next = store.courses.progress + 1; next <= last; next += PAGE)
        this.take(this.read(next, Math.min(last, next + PAGE - 1)));
      store.courses.setProgress(last);
    });
  }

  /** Takes in what was there before a kind of course was kept track of: the furthest behind first, until it is with the next. */
  private lookBack(most: number): void {
    const { store, kinds } = this.options;
    const behind = this.kindsBehind();
    const from = Math.min(...behind.map(({ event }) => event));
    const here = behind.filter(({ event }) => event === from);
    const stops = behind.flatMap(({ event, until }) => (event === from ? [until] : [event]));
    const last = Math.min(from + most, ...stops);
    store.transaction(() => {
      this.beginKinds();
      for (let next = from + 1; next <= last; next += PAGE) {
        const wanted = kinds.filter(({ kind }) => here.some((row) => row.kind === kind));
        this.take(this.read(next, Math.min(last, next + PAGE - 1)), wanted);
      }
      for (const row of here) store.courses.putKind({ ...row, event: last });
    });
  }

  private read(first: number, last: number): Taken[] {
    return this.options.store.facts(first, last).map((row) => ({ ...row, record: decodeRecord(row.record) }));
  }

  /** Those that were not looked for in everything yet. */
  private kindsBehind(): CourseKindRow[] {
    const { store, kinds } = this.options;
    const known = new Map(store.courses.kinds().map((row) => [row.kind, row]));
    const { progress } = store.courses;
    return kinds
      .map(({ kind }) => known.get(kind) ?? { kind, event: 0, until: progress })
      .filter(({ event, until }) => event < until);
  }

  /** A kind that is new here has to be looked for in everything that was taken in without it. */
  private beginKinds(): void {
    if (this.hasBegun) return;
    const { store, kinds } = this.options;
    const known = store.courses.kinds();
    const { progress } = store.courses;
    for (const { kind } of kinds) {
      if (!known.some((row) => row.kind === kind)) store.courses.putKind({ kind, event: 0, until: progress });
    }
    this.hasBegun = true;
  }

  /** Forgets it and derives it again. */
  rebuild(): void {
    const { store } = this.options;
    store.transaction(() => {
      store.courses.clear();
    });
    this.hasBegun = false;
    this.catchUp();
  }

  /** What was said about one, in the order of places. */
  stepsOf(course: Course): SourceStep[] {
    return stepsOf(this.options.store, course);
  }

  /** @param lookedFor kinds that these events are looked through for once more; all of them, and what enrolments change, otherwise */
  private take(events: readonly Taken[], lookedFor?: readonly CourseKind[]): void {
    const { store } = this.options;
    const kinds = lookedFor ?? this.options.kinds;
    const touched = new Map<string, Course>();
    const touch = (course: Course): void => {
      touched.set(`${course.kind}/${Buffer.from(course.id).toString('hex')}`, course);
    };
    for (const { seq, record, band } of events) {
      if (record.kind === KIND.enrol && lookedFor === undefined)
        store.courses.withBand(readEnrol(record.body).action.band).forEach(touch);
      const of = kinds.find(({ kind }) => kind === record.kind);
      if (of === undefined) continue;
      const course = { kind: of.kind, id: of.idOf(record.body) };
      if (lookedFor !== undefined && store.courses.hasStep(course, seq)) continue;
      // The first ones count, in whichever order they are found.
      const isFull = store.courses.stepsOf(course) >= of.mostSteps;
      if (isFull && !store.courses.removeNewest(course, seq)) continue;
      const [row] = band === undefined ? store.events(seq, seq) : [];
      store.courses.addStep(course, seq, band ?? row?.device);
      touch(course);
    }
    this.changed += touched.size;
    for (const course of touched.values()) {
      const span = this.options.kinds.find(({ kind }) => kind === course.kind)?.spanOf(course);
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
