/**
 * Activities at a reader (SPEC.md, Activity): what is open, who is there, and the records that say so. All of it is found again
 * in the reader's own log after a start; what feedback left out is kept beside it.
 */
import {
  type Activity,
  activityBody,
  type ActivityPhase,
  type CborMap,
  type Feedback,
  KIND,
  type Punch,
  randomBytes,
  readActivity,
  readPunch,
  type Record as LogRecord,
  rosterHash,
  rosterName,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { type LeftOutPage, MOST_MARKS } from './left-out-page.js';

/** What somebody at the reader says of one to come. */
export interface NewActivity {
  /** Number in the catalogue. */
  readonly service: number;
  /** Account of the person in charge. */
  readonly organiser: string;
  readonly capacity: number;
  /** Unix seconds; now without. */
  readonly plannedStart?: number | undefined;
  readonly plannedMinutes: number;
}

/** An activity that is open, as the display has it. */
export interface Gathered {
  readonly activity: Activity;
  /** How many are there. */
  readonly attended: number;
}

/** Why a check-in is turned away at an open activity. */
export type TurnedAway =
  | 'capacity'
  /** The reader does not learn whose tag it is. */
  | 'nameless'
  /** So much was logged since it was opened that no more can be left out. */
  | 'long';

/** Why nothing was logged of an activity. */
export type NotNow =
  /** The clock is not set, or stands before the activity began. */
  | 'clock'
  /** One is open for this service. */
  | 'open'
  /** As many as a reader keeps are open. */
  | 'many'
  /** None is: never opened, or closed before. */
  | 'none'
  | 'full';

export type ActivityResult =
  { readonly logged: number; readonly activity: Activity } | { readonly refused: NotNow };

export interface ActivitiesOptions {
  readonly page: LeftOutPage;
  readonly epoch: number;
  /** Unix seconds; nothing while the clock is unset. */
  readonly now: () => number | undefined;
  /** Logs a record of an activity; one that `ends` what is open may use slots that are kept for help. Nothing where there is no room. */
  readonly log: (body: CborMap, ends: boolean) => number | undefined;
}

interface OpenActivity {
  readonly activity: Activity;
  readonly opened: number;
  /** Names on the roster by the sequence numbers of their check-ins. */
  readonly checkIns: Map<number, string>;
}

/** Open at once, each for another service: what a reader keeps in memory is bounded. */
const MOST_OPEN = 4;
const MOST_PLANNED = 8;
const ACTIVITY_ID_BYTES = 16;

export class Activities {
  private readonly open = new Map<number, OpenActivity>();
  private readonly planned = new Map<number, Activity>();
  private readonly leftOut: Set<number>;
  private newest = 0;

  /** @param logged all that is left of the log, the first one first */
  constructor(
    private readonly options: ActivitiesOptions,
    logged: Iterable<LogRecord>,
  ) {
    this.leftOut = options.page.read(options.epoch);
    for (const record of logged) this.remember(record);
  }

  /** From which record on the log is needed for them; Infinity where none is open. */
  get since(): number {
    return Math.min(...[...this.open.values()].map(({ opened }) => opened));
  }

  /** In the order in which they were opened. */
  get gathered(): readonly Gathered[] {
    return [...this.open.values()].map((one) => ({
      activity: one.activity,
      attended: this.rosterOf(one).size,
    }));
  }

  /** Who is at an activity that is open, as a roster calls them. */
  roster(activity: Uint8Array): ReadonlySet<string> {
    const found = [...this.open.values()].find((one) => toHex(one.activity.activity) === toHex(activity));
    return found === undefined ? new Set() : this.rosterOf(found);
  }

  /** Whether a tap is to be turned away, and why. */
  refusal({ direction, service, proof }: Punch): TurnedAway | undefined {
    const at = direction === 'in' ? this.open.get(service) : undefined;
    if (at === undefined) return undefined;
    const name = nameOf(proof);
    if (name === undefined) return 'nameless';
    if (this.newest - at.opened >= MOST_MARKS) return 'long';
    const roster = this.rosterOf(at);
    return roster.has(name) || roster.size < at.activity.capacity ? undefined : 'capacity';
  }

  /** Something was logged. @throws CborError, RecordError for a body that is none of its kind */
  take({ kind, seq, body }: Pick<LogRecord, 'kind' | 'seq' | 'body'>): void {
    this.newest = seq;
    if (kind === KIND.punch && this.open.size > 0) this.checkIn(seq, readPunch(body));
    if (kind === KIND.activity) this.step(seq, readActivity(body));
  }

  /** The gateway has said what a record comes to. @throws PowerCut */
  heard({ seq, because }: Pick<Feedback, 'seq' | 'because'>): void {
    if (because !== 'proof' && because !== 'unknown') return;
    const isCheckIn = [...this.open.values()].some(({ checkIns }) => checkIns.has(seq));
    if (!isCheckIn || this.leftOut.has(seq)) return;
    const kept = new Set([...this.leftOut, seq].filter((marked) => marked > this.since));
    this.options.page.write(this.options.epoch, kept);
    this.leftOut.add(seq);
  }

  plan(wanted: NewActivity): ActivityResult {
    const now = this.options.now();
    return now === undefined ? { refused: 'clock' } : this.log(planOf(wanted, now, 'planned'));
  }

  /** @param wanted nothing of it but the service is needed where one was planned */
  begin(wanted: NewActivity | Pick<NewActivity, 'service'>): ActivityResult {
    const { service } = wanted;
    const now = this.options.now();
    if (now === undefined) return { refused: 'clock' };
    if (this.open.has(service)) return { refused: 'open' };
    if (this.open.size === MOST_OPEN) return { refused: 'many' };
    const plan = 'organiser' in wanted ? planOf(wanted, now, 'opened') : this.planned.get(service);
    return plan === undefined ? { refused: 'none' } : this.log({ ...plan, phase: 'opened', started: now });
  }

  /** @param service may be left out where one is open */
  close(service?: number): ActivityResult {
    const found = this.openAt(service);
    if (found === undefined) return { refused: 'none' };
    const { activity } = found;
    const now = this.options.now();
    if (now === undefined || now < (activity.started ?? 0)) return { refused: 'clock' };
    const names = this.rosterOf(found);
    const roster = rosterHash(activity.activity, names);
    return this.log({ ...activity, phase: 'closed', ended: now, attended: names.size, roster });
  }

  /** One that is open, else one that is planned. */
  cancel(service?: number): ActivityResult {
    const planned = service === undefined ? [...this.planned.values()].at(-1) : this.planned.get(service);
    const activity = this.openAt(service)?.activity ?? planned;
    return activity === undefined ? { refused: 'none' } : this.log({ ...activity, phase: 'cancelled' });
  }

  /** A record is found in the log at a start; what cannot be read says nothing. */
  private remember(record: LogRecord): void {
    try {
      this.take(record);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
  }

  private openAt(service: number | undefined): OpenActivity | undefined {
    if (service !== undefined) return this.open.get(service);
    const [only, ...others] = this.open.values();
    return others.length === 0 ? only : undefined;
  }

  private log(activity: Activity): ActivityResult {
    const isOpen = this.open.has(activity.service);
    const ends = isOpen && (activity.phase === 'closed' || activity.phase === 'cancelled');
    const logged = this.options.log(activityBody(activity), ends);
    return logged === undefined ? { refused: 'full' } : { logged, activity };
  }

  private step(seq: number, activity: Activity): void {
    const { service, phase } = activity;
    if (phase === 'planned') {
      this.planned.delete(service);
      this.planned.set(service, activity);
      const [oldest] = this.planned.keys();
      if (this.planned.size > MOST_PLANNED && oldest !== undefined) this.planned.delete(oldest);
      return;
    }
    if (isSame(this.planned.get(service), activity)) this.planned.delete(service);
    if (phase === 'opened') this.open.set(service, { activity, opened: seq, checkIns: new Map() });
    else if (isSame(this.open.get(service)?.activity, activity)) this.open.delete(service);
  }

  private checkIn(seq: number, { direction, service, proof }: Punch): void {
    const name = direction === 'in' ? nameOf(proof) : undefined;
    if (name !== undefined) this.open.get(service)?.checkIns.set(seq, name);
  }

  private rosterOf({ checkIns }: OpenActivity): Set<string> {
    return new Set([...checkIns].filter(([seq]) => !this.leftOut.has(seq)).map(([, name]) => name));
  }
}

function planOf(wanted: NewActivity, now: number, phase: ActivityPhase): Activity {
  const { service, organiser, capacity, plannedStart = now, plannedMinutes } = wanted;
  return {
    ...{ activity: randomBytes(ACTIVITY_ID_BYTES), phase, service, organiser, capacity },
    ...{ plannedStart, plannedEnd: plannedStart + plannedMinutes * 60 },
  };
}

function isSame(one: Activity | undefined, other: Activity): boolean {
  return one !== undefined && toHex(one.activity) === toHex(other.activity);
}

/** Nothing for what is no proof of anybody, which the gateway finds out as well. */
function nameOf(proof: Punch['proof']): string | undefined {
  try {
    return rosterName(proof);
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
