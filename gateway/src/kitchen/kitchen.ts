/**
 * The mutual-aid kitchen: who gets which meal, what it costs, who works there, and who has not been seen. Everything follows
 * from records of meals and punches; none of it moves a minute.
 */
import {
  type Because,
  type CborMap,
  KIND,
  MEAL_SLOT,
  type MealSlot,
  readMeal,
  toHex,
} from '@timeband/protocol';
import { type Ledger, type Preview, siteSeconds } from '../ledger/index.js';
import {
  type CourseKind,
  type Matters,
  type NamedMatter,
  raiseId,
  type RaiseSource,
} from '../matters/index.js';
import type { Store } from '../store/index.js';
import { daySheet, type DaySheet, type MealLine, type MealOutcome } from './day-sheet.js';
import { KnownSteps, type KnownStep } from './known-steps.js';
import { SeenToday } from './seen.js';
import { unseen, unseenReason } from './unseen.js';

export interface KitchenOptions {
  readonly site: string;
  readonly store: Pick<
    Store,
    'courses' | 'events' | 'facts' | 'commitOf' | 'lastCommit' | 'logIdOf' | 'findLog' | 'visits'
  >;
  readonly ledger: Pick<Ledger, 'accountOf' | 'accountAtReader' | 'policy' | 'zone'>;
  readonly matters: Pick<Matters, 'find'>;
}

/** Who has checked in to a service of the kitchen and not out. */
export interface Helper {
  readonly band: string;
  readonly account: string | undefined;
  readonly service: number;
  /** Unix seconds. */
  readonly since: number;
}

/** How many meals, and fen for those that were not cancelled. */
export interface Sums {
  readonly meals: number;
  readonly collected: number;
  readonly delivered: number;
  /** Neither, so far. */
  readonly waiting: number;
  readonly cancelled: number;
  readonly fen: number;
}

export interface AccountMonth extends Sums {
  readonly account: string;
}

export interface KitchenMonth {
  readonly accounts: readonly AccountMonth[];
  /** By the number of the day. */
  readonly days: readonly (Sums & { readonly date: number })[];
}

const DAY = 86_400;
/** Positions of events that are none yet: what is asked about, and what was asked before. */
const NEXT = 0;
const WAITING = -1;
/** Seconds in which a collection is sealed, unless its reader was pulled out. */
const WAITS = 60;
const MOST_WAITING = 256;
const MEALS_A_DAY = 8_192;
/** What a reader can say of why there is nothing to give out. */
const BECAUSE_OF: Readonly<Partial<Record<MealOutcome, Because>>> = {
  ...{ twice: 'again', unordered: 'nothing', order: 'nothing', unknown: 'unknown', doubted: 'proof' },
};
/** Group of the catalogue. */
const KITCHEN = 6;

/** All meals of a date and slot are kept track of together: a reader that collects does not know which was ordered. */
export const MEAL_DAYS: CourseKind = {
  kind: KIND.meal,
  idOf: (body) => {
    const { date, slot } = readMeal(body);
    return dayId(date, slot);
  },
  // Days as they are counted, so that those of a month can be found.
  spanOf: ({ id }) => ({ began: dateOf(id) * DAY, ended: (dateOf(id) + 1) * DAY }),
  mostSteps: MEALS_A_DAY,
};

export class Kitchen {
  /** Who is to be looked in on. */
  readonly unseen: RaiseSource;
  private readonly steps: KnownSteps;
  private readonly seen: SeenToday;
  private readonly local: (at: number) => number;
  /** Collections that readers showed and that are not sealed yet. */
  private waiting: readonly KnownStep[] = [];

  constructor(private readonly options: KitchenOptions) {
    this.local = siteSeconds(options.ledger.zone);
    this.steps = new KnownSteps(options);
    this.seen = new SeenToday({ ...options, dateOf: (at) => this.dateOf(at) });
    this.unseen = unseen({
      ...{ kitchen: this, seen: this.seen },
      lookInAt: () => options.ledger.policy.rules.lookInAt,
      secondOf: (at) => this.local(at) - this.dateOf(at) * DAY,
    });
  }

  /** Days since 1970-01-01 where the site is. @param at Unix seconds */
  dateOf(at: number): number {
    return Math.floor(this.local(at) / DAY);
  }

  day(date: number, slot: MealSlot): DaySheet {
    return daySheet(this.steps.of({ kind: KIND.meal, id: dayId(date, slot) }));
  }

  /**
   * @param from days since 1970-01-01; `to` is not part of it
   * @returns what each account and each day comes to; other work goes on meanwhile
   */
  async month(from: number, to: number, slot: MealSlot): Promise<KitchenMonth> {
    const byAccount = new Map<string, MealLine[]>();
    const days: KitchenMonth['days'][number][] = [];
    for (const { id } of this.options.store.courses.began(KIND.meal, from * DAY, to * DAY)) {
      if (id[4] !== MEAL_SLOT[slot]) continue;
      const { meals } = daySheet(this.steps.once({ kind: KIND.meal, id }));
      if (meals.length === 0) continue;
      days.push({ date: dateOf(id), ...sumOf(meals) });
      for (const meal of meals) byAccount.set(meal.account, [...(byAccount.get(meal.account) ?? []), meal]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const accounts = [...byAccount].map(([account, meals]) => ({ account, ...sumOf(meals) }));
    return { accounts: accounts.sort((a, b) => (a.account < b.account ? -1 : 1)), days };
  }

  /**
   * What a collection will come to, before it is sealed.
   *
   * @param at Unix seconds
   * @throws CborError, RecordError when the body is none of a meal
   */
  preview(body: CborMap, band: string, at: number): Preview {
    const { assisted, ...says } = readMeal(body);
    if (says.phase !== 'collected') return { outcome: 'queued' };
    const { ledger } = this.options;
    const taker = ledger.accountAtReader(band, at);
    const step = { event: NEXT, at, by: assisted ?? band, taker, evidence: 0, doubted: false, says };
    const course = { kind: KIND.meal, id: dayId(says.date, says.slot) };
    const known = this.steps.of(course);
    const sealed = new Set(known.map(nameOf));
    const others = this.waiting.filter((one) => one.at > at - WAITS && nameOf(one) !== nameOf(step));
    this.waiting = [...others, { ...step, event: WAITING }].slice(-MOST_WAITING);
    const before = others.filter(
      (one) => one.says.date === says.date && one.says.slot === says.slot && !sealed.has(nameOf(one)),
    );
    const { refused } = daySheet([...known, ...before, step]);
    const why = refused.find(({ event }) => event === NEXT)?.outcome;
    if (why === undefined) return { outcome: 'accepted' };
    return { outcome: 'refused', because: BECAUSE_OF[why] };
  }

  /** Who works in the kitchen. @param now Unix seconds: who forgot to check out is not there for ever */
  helpers(now: number): Helper[] {
    const { store, ledger } = this.options;
    const { rules, catalogue } = ledger.policy;
    return store.visits
      .all()
      .filter(({ service }) => catalogue.services.get(service)?.group === KITCHEN)
      .filter(({ time }) => time.latest > now - rules.openFor * 60)
      .map(({ band, service, time }) => {
        const account = ledger.accountOf(band, { at: now, log: '', seq: 0, part: 0 });
        return { band, service, account, since: time.latest };
      })
      .sort((a, b) => a.since - b.since);
  }

  /** When an account was last seen today, Unix seconds; all of them may not be known yet. */
  lastSeen(account: string, now: number): number | undefined {
    this.seen.advance(this.dateOf(now));
    return this.seen.lastOf(account);
  }

  /** The matter that was raised because an account was not seen. @param now Unix seconds */
  lookedIn(date: number, account: string, now: number): NamedMatter | undefined {
    return this.options.matters.find(raiseId(this.options.site, unseenReason(date, account)), now);
  }
}

export function sumOf(meals: readonly MealLine[]): Sums {
  const count = (...phases: MealLine['phase'][]): number =>
    meals.filter(({ phase }) => phases.includes(phase)).length;
  const cancelled = count('cancelled');
  return {
    meals: meals.length - cancelled,
    ...{ collected: count('collected'), delivered: count('delivered'), waiting: count('ordered', 'packed') },
    cancelled,
    fen: meals.reduce((sum, { phase, cost }) => sum + (phase === 'cancelled' ? 0 : cost), 0),
  };
}

function nameOf({ says: { meal, phase } }: KnownStep): string {
  return `${toHex(meal)}/${phase}`;
}

/** Names all meals of a date and slot. 16 bytes, as a course is named. */
function dayId(date: number, slot: MealSlot): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, date);
  id[4] = MEAL_SLOT[slot];
  return id;
}

function dateOf(id: Uint8Array): number {
  return new DataView(id.buffer, id.byteOffset).getUint32(0);
}
