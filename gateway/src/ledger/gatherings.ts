/**
 * Activities: whether one was held, and who was there, by all that is known of it (SPEC.md, Activity). It does not
 * depend on the order in which its records and the check-ins at it arrived.
 */
import { ACTIVITY_ORDER, type ActivityPhase, mayFollow, rosterHash } from '@timeband/protocol';
import type { BookStore } from './book-store.js';
import type { Fact, FactSays } from './fact.js';
import type { NamedFacts } from './named-facts.js';
import { comparePlaces, type Place } from './place.js';
import { nameOf } from './resolve.js';

export interface Gathering {
  /**
   * `held`: it ran its course, and its roster is that of the check-ins at it. `roster`: it is not. `order`: it closes
   * nothing.
   */
  readonly verdict: 'held' | 'roster' | 'order';
  /** Who checked in at it, by account, and the place of their first check-in. */
  readonly members: ReadonlyMap<string, Place>;
  /** Bands on the roster that are not the organiser's. */
  readonly others: number;
  readonly closed: ActivityFact;
  /** Numbers in its log between which a check-in is one at this activity. */
  readonly from: number;
  readonly to: number;
}

type Says = Extract<FactSays, { kind: 'activity' }>;
export type ActivityFact = Fact & { readonly says: Says };
type CheckIn = Fact & { readonly says: Extract<FactSays, { kind: 'punch' }> };

export interface GatheringsOptions {
  readonly store: Pick<BookStore, 'mention'>;
  readonly named: NamedFacts;
  readonly accountOf: (band: string, place: Place) => string | undefined;
}

/** Numbers of a log under one name, so that nobody reads a year to find an afternoon. */
const BUCKET = 256;
const NOBODY: ReadonlyMap<string, Place> = new Map();

export class Gatherings {
  /** Of this record: what is asked for each member is worked out once. */
  private readonly known = new Map<number, Gathering>();

  constructor(private readonly options: GatheringsOptions) {}

  /** Something else may be known by now. */
  forget(): void {
    if (this.known.size > 0) this.known.clear();
  }

  /** A check-in for a service that is done in a group can be found from now on. */
  noteCheckIn({ place: { log, seq }, event }: Fact, service: number): void {
    this.options.store.mention(nameOf.present(log, service, bucketOf(seq)), event);
  }

  /** What closes an activity can be found from the check-ins at it from now on. */
  noteClosings(activity: string): void {
    for (const closed of this.closingsOf(activity)) {
      const { from, to } = this.closedBy(closed);
      const { log } = closed.place;
      for (let bucket = bucketOf(from); from < to && bucket <= bucketOf(to); bucket += 1)
        this.options.store.mention(nameOf.closing(log, closed.says.service, bucket), closed.event);
    }
  }

  /** Records that mean to close an activity. */
  closingsOf(activity: string): ActivityFact[] {
    return this.options.named.all(nameOf.activity(activity)).filter(isActivity).filter(isClosing);
  }

  /** Records that mean to close an activity at which somebody checked in at a place. */
  closingsAt(service: number, { log, seq }: Place): ActivityFact[] {
    return this.options.named
      .all(nameOf.closing(log, service, bucketOf(seq)))
      .filter(isActivity)
      .filter((closed) => {
        const { from, to } = this.closedBy(closed);
        return from < seq && seq < to;
      });
  }

  /** The activity that a check-in is one at. */
  at(service: number, place: Place): Gathering | undefined {
    let found: Gathering | undefined;
    for (const closed of this.closingsAt(service, place))
      if (found === undefined || closed.place.seq < found.to) found = this.closedBy(closed);
    return found;
  }

  closedBy(closed: Fact): Gathering {
    let gathering = this.known.get(closed.event);
    if (gathering !== undefined) return gathering;
    if (!isActivity(closed)) throw new RangeError(`event ${closed.event} closes no activity`);
    this.known.set(closed.event, (gathering = this.workOut(closed)));
    return gathering;
  }

  private workOut(closed: ActivityFact): Gathering {
    const opened = this.openingOf(closed);
    const range = { from: opened?.place.seq ?? 0, to: opened === undefined ? 0 : closed.place.seq };
    if (opened === undefined) return { verdict: 'order', members: NOBODY, others: 0, closed, ...range };
    const present = this.checkIns(closed, range.from, range.to);
    const names = new Set(present.map(nameOnRoster));
    const { attended, roster, activity } = closed.says;
    const isRight = attended === names.size && roster === hexRoster(activity, names);
    const others = new Set(present.filter((one) => !this.isOrganisers(one, closed)).map(nameOnRoster)).size;
    const verdict = isRight ? 'held' : 'roster';
    return { verdict, members: this.membersOf(present), others, closed, ...range };
  }

  /** The record that a closing one closes: nothing where that is not the next of the activity's phases, or says otherwise. */
  private openingOf(closed: ActivityFact): ActivityFact | undefined {
    const steps = this.options.named.all(nameOf.activity(closed.says.activity)).filter(isActivity);
    steps.sort((a, b) => comparePlaces(a.place, b.place));
    let phase: ActivityPhase | undefined;
    let opened: ActivityFact | undefined;
    for (const step of steps) {
      if (!mayFollow(ACTIVITY_ORDER, phase, step.says.phase)) continue;
      ({ phase } = step.says);
      if (phase === 'opened') opened = step;
      if (step.event === closed.event)
        return opened !== undefined && closes(opened, closed) ? opened : undefined;
    }
    return undefined;
  }

  private checkIns({ place: { log }, says: { service } }: ActivityFact, from: number, to: number): CheckIn[] {
    const found: CheckIn[] = [];
    for (let bucket = bucketOf(from); bucket <= bucketOf(to); bucket += 1) {
      for (const fact of this.options.named.all(nameOf.present(log, service, bucket))) {
        const { seq } = fact.place;
        if (isPunch(fact) && from < seq && seq < to) found.push(fact);
      }
    }
    return found;
  }

  private membersOf(present: readonly CheckIn[]): Map<string, Place> {
    const members = new Map<string, Place>();
    for (const { place, says } of present) {
      const account = this.options.accountOf(says.by.band, place);
      if (account === undefined) continue;
      const first = members.get(account);
      if (first === undefined || comparePlaces(place, first) < 0) members.set(account, place);
    }
    return members;
  }

  private isOrganisers({ place, says }: CheckIn, closed: ActivityFact): boolean {
    return this.options.accountOf(says.by.band, place) === closed.says.organiser;
  }
}

function closes({ place, says }: ActivityFact, closed: ActivityFact): boolean {
  const { service, organiser, capacity, started } = closed.says;
  return (
    place.log === closed.place.log &&
    place.seq < closed.place.seq &&
    says.service === service &&
    says.organiser === organiser &&
    says.capacity === capacity &&
    says.started === started
  );
}

function nameOnRoster({ says }: CheckIn): string {
  return says.shown ?? says.by.band;
}

function hexRoster(activity: string, names: Iterable<string>): string {
  return Buffer.from(rosterHash(Buffer.from(activity, 'hex'), names)).toString('hex');
}

function bucketOf(seq: number): number {
  return Math.floor(seq / BUCKET);
}

function isActivity(fact: Fact): fact is ActivityFact {
  return fact.says.kind === 'activity';
}

function isClosing({ says }: ActivityFact): boolean {
  return says.phase === 'closed';
}

function isPunch(fact: Fact): fact is CheckIn {
  return fact.says.kind === 'punch';
}
