/** The matters of a community: who needs what, who has it, at which level, and how long it took. */
import { KIND, readRequest, type Request, REQUEST_LEVEL, type RequestLevel } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Ledger, PublishedRecord } from '../ledger/index.js';
import type { Course } from '../store/index.js';
import { type CourseKind, Courses, type CourseStore, placeOf, type SourceStep } from './courses.js';
import { type Matter, matterOf, type Step, type Within } from './matter.js';

export interface MattersOptions {
  readonly store: CourseStore;
  readonly ledger: Pick<Ledger, 'accountOf' | 'policyAt'>;
  readonly log?: Logger | undefined;
  /** Whose own word is nobody's in particular. */
  readonly gateway: string;
  /** Whose records are kept track of in the same way. */
  readonly also?: readonly CourseKind[];
}

/** Of one matter. */
const MOST_STEPS = 256;

export interface NamedMatter extends Matter {
  /** 16 bytes. */
  readonly request: Uint8Array;
}

/** Of a time: what was settled in it, by the level at which it was. */
export interface MatterFigures {
  readonly raised: number;
  readonly settled: number;
  readonly levels: readonly LevelFigures[];
}

export interface LevelFigures {
  readonly level: RequestLevel;
  readonly settled: number;
  /** Whole minutes from raised to resolved; nothing where none was. */
  readonly median: number | undefined;
  readonly longest: number | undefined;
}

const LEVELS = Object.keys(REQUEST_LEVEL) as RequestLevel[];

export class Matters {
  private readonly courses: Courses;

  constructor(private readonly options: MattersOptions) {
    const { store, log, also = [] } = options;
    this.courses = new Courses({
      ...{ store, log },
      kinds: [
        {
          ...{ kind: KIND.request, mostSteps: MOST_STEPS, idOf: (body) => readRequest(body).request },
          spanOf: (course) => {
            const matter = this.read(course, -Infinity);
            return matter && { began: matter.raised, ended: matter.confirmed };
          },
        },
        ...also,
      ],
    });
  }

  /** As part of the transaction that stores the events, after the ledger. */
  record(published: readonly PublishedRecord[]): void {
    this.courses.record(published);
  }

  /** Grows whenever one of them may have changed. */
  get changes(): number {
    return this.courses.changes;
  }

  /** Events that are still to be taken in, of a database that is older; 0 when it is up to date. */
  get behind(): number {
    return this.courses.behind;
  }

  /** Takes in at most so many of them. */
  advance(most: number): void {
    this.courses.advance(most);
  }

  catchUp(): void {
    this.courses.catchUp();
  }

  step(last: number): void {
    this.courses.step(last);
  }

  rebuild(): void {
    this.courses.rebuild();
  }

  /** @param now trusted time, Unix seconds */
  find(request: Uint8Array, now: number): NamedMatter | undefined {
    const matter = this.read({ kind: KIND.request, id: request }, now);
    return matter && { ...matter, request };
  }

  /** What would become of a step if it were taken now. */
  preview(request: Uint8Array, step: Omit<Step, 'event'>): Matter | undefined {
    const known = this.stepsOf({ kind: KIND.request, id: request });
    return matterOf([...known, { ...step, event: 0 }], this.withinAt(known[0]?.event), step.at);
  }

  /** Not confirmed yet, the oldest first. */
  *open(now: number): Iterable<NamedMatter> {
    for (const { id } of this.options.store.courses.going(KIND.request)) {
      const matter = this.find(id, now);
      if (matter !== undefined) yield matter;
    }
  }

  /** Settled within a time, Unix seconds, the first first. */
  *settled(from: number, to: number): Iterable<NamedMatter> {
    for (const { id } of this.options.store.courses.ended(KIND.request, from, to)) {
      const matter = this.find(id, to);
      if (matter !== undefined) yield matter;
    }
  }

  figures(from: number, to: number): MatterFigures {
    const took = new Map<RequestLevel, number[]>(LEVELS.map((level) => [level, []]));
    for (const { level, raised, resolved = raised } of this.settled(from, to))
      took.get(level)?.push(Math.floor((resolved - raised) / 60));
    const levels = LEVELS.map((level): LevelFigures => {
      const all = (took.get(level) ?? []).sort((a, b) => a - b);
      return {
        ...{ level, settled: all.length, longest: all.at(-1) },
        median: all[Math.floor((all.length - 1) / 2)],
      };
    });
    const raised = this.options.store.courses.began(KIND.request, from, to).length;
    return { raised, settled: levels.reduce((sum, { settled }) => sum + settled, 0), levels };
  }

  private read(course: Course, now: number): Matter | undefined {
    const steps = this.stepsOf(course);
    return matterOf(steps, this.withinAt(steps[0]?.event), now);
  }

  /** By the rules that were in force when it was raised. */
  private withinAt(event = Infinity): Within {
    const { routineWithin, soonWithin, urgentWithin } = this.options.ledger.policyAt(event).rules;
    const minutes = { routine: routineWithin, soon: soonWithin, urgent: urgentWithin };
    return (urgency) => minutes[urgency] * 60;
  }

  private stepsOf(course: Course): Step[] {
    return this.courses.stepsOf(course).map((step) => this.stepOf(step));
  }

  private stepOf({ row, record }: SourceStep): Step {
    const { assisted, ...says }: Request = readRequest(record.body);
    const { seq: event, time, band, device, evidence, doubted = false } = row;
    const id = band ?? assisted ?? (device === this.options.gateway ? undefined : device);
    const account = id === undefined ? undefined : this.options.ledger.accountOf(id, placeOf(row));
    return { event, at: time.latest, who: { id, account }, evidence, doubted, says };
  }
}
