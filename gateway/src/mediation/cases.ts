/**
 * Cases of mediation: their sessions, and when each is to be looked at again. Everything follows from the records of sessions,
 * which count the parties and name none of them. A case that was to be looked at again, and was not, asks for it itself.
 */
import {
  CATEGORY,
  KIND,
  type Mediation,
  MEDIATION_OUTCOME,
  type MediationOutcome,
  readMediate,
} from '@timeband/protocol';
import {
  type CourseKind,
  type CourseStore,
  type Matters,
  type NamedMatter,
  type Raise,
  raiseId,
  type RaiseSource,
  stepsOf,
} from '../matters/index.js';
import type { Course } from '../store/index.js';

type SessionStore = Pick<CourseStore, 'courses' | 'events'>;

export interface CasesOptions {
  readonly site: string;
  readonly store: SessionStore;
  readonly matters: Pick<Matters, 'find' | 'changes'>;
}

export interface Session extends Mediation {
  /** Position of the event. */
  readonly event: number;
  /** Trusted time of the record, Unix seconds. */
  readonly at: number;
}

export interface MediationCase {
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** The oldest first; at least one. */
  readonly sessions: readonly Session[];
  readonly last: Session;
  /** When it is to be looked at again, Unix seconds; nothing where it is over. */
  readonly followUp: number | undefined;
}

/** Of a time. */
export interface CaseFigures {
  readonly sessions: number;
  /** Cases of which it has the first session. */
  readonly began: number;
  /** Sessions by how they ended. */
  readonly outcomes: Readonly<Record<MediationOutcome, number>>;
  /** Parties that came, over all sessions. */
  readonly parties: number;
  /** Of all mediators together, whole minutes as their sessions say. */
  readonly minutes: number;
}

/** Of one case. */
const MOST_SESSIONS = 256;
const OUTCOMES = Object.keys(MEDIATION_OUTCOME) as MediationOutcome[];

/** How sessions of one case are kept track of. */
export function caseCourses(store: SessionStore): CourseKind {
  return {
    ...{ kind: KIND.mediate, mostSteps: MOST_SESSIONS, idOf: (body) => readMediate(body).case },
    spanOf: (course) => {
      const found = read(store, course);
      const [first] = found?.sessions ?? [];
      if (found === undefined || first === undefined) return undefined;
      const { followUp, last } = found;
      return { began: first.at, ...(followUp === undefined && { ended: last.at }) };
    },
  };
}

export class Cases {
  /** Cases that were to be looked at again and were not. */
  readonly overdue: RaiseSource;
  /** What was open when it was last looked through: nothing else changes that. */
  private looked: { readonly changes: number; readonly open: readonly MediationCase[] } | undefined;

  constructor(private readonly options: CasesOptions) {
    this.overdue = { wanted: (now) => this.wanted(now) };
  }

  /** To be looked at again, by when they are due. */
  open(): readonly MediationCase[] {
    const { matters, store } = this.options;
    const { changes } = matters;
    if (this.looked?.changes !== changes) {
      const open = store.courses.going(KIND.mediate).flatMap((course) => read(store, course) ?? []);
      open.sort((a, b) => (a.followUp ?? 0) - (b.followUp ?? 0));
      this.looked = { changes, open };
    }
    return this.looked.open;
  }

  /** The matter that was raised because a case was not looked at again. @param now Unix seconds */
  raised({ id, followUp }: MediationCase, now: number): NamedMatter | undefined {
    const { matters, site } = this.options;
    return followUp === undefined ? undefined : matters.find(raiseId(site, reasonOf(id, followUp)), now);
  }

  /** @param from Unix seconds, by trusted time; `to` is not part of it */
  figures(from: number, to: number): CaseFigures {
    const { store } = this.options;
    const cases = store.courses
      .began(KIND.mediate, 0, to)
      .filter(({ ended }) => ended === null || ended >= from)
      .flatMap((course) => read(store, course) ?? []);
    const isWithin = ({ at }: Session): boolean => at >= from && at < to;
    const sessions = cases.flatMap((one) => one.sessions.filter(isWithin));
    const ending = (outcome: MediationOutcome): number =>
      sessions.filter((session) => session.outcome === outcome).length;
    return {
      sessions: sessions.length,
      began: cases.filter((one) => one.sessions.slice(0, 1).some(isWithin)).length,
      outcomes: Object.fromEntries(OUTCOMES.map((name) => [name, ending(name)])) as CaseFigures['outcomes'],
      parties: sessions.reduce((sum, { parties }) => sum + parties, 0),
      minutes: sessions.reduce(
        (sum, { mediators, started, ended }) => sum + mediators.length * Math.floor((ended - started) / 60),
        0,
      ),
    };
  }

  private *wanted(now: number): Iterable<Raise> {
    for (const { id, followUp } of this.open()) {
      if (followUp === undefined || followUp > now) return;
      yield { reason: reasonOf(id, followUp), category: CATEGORY.neighbours, urgency: 'soon' };
    }
  }
}

/** Once for each date that was agreed. */
function reasonOf(id: Uint8Array, followUp: number): Raise['reason'] {
  return ['follow-up', id, followUp];
}

function read(store: SessionStore, course: Course): MediationCase | undefined {
  const sessions = stepsOf(store, course)
    .filter(({ row }) => row.doubted !== true)
    .map(({ row, record }): Session => ({
      ...{ event: row.seq, at: row.time.latest },
      ...readMediate(record.body),
    }));
  const last = sessions.at(-1);
  return last && { id: course.id, sessions, last, followUp: last.followUp };
}
