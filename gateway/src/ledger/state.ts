/**
 * How an account stands at a place of its timeline, as far as judging what comes next needs it. It is made from the
 * balance at some place and from what was claimed in the days before: nothing that rules go by looks back further.
 */
import type { TimeInterval } from '@timeband/protocol';
import type { Claim, Judgement, Presence } from './claim.js';
import type { Place } from './place.js';

/** A check-in that is not closed. */
export interface Open {
  readonly place: Place;
  readonly time: TimeInterval;
  readonly by: Presence;
}

interface Hold {
  readonly price: number;
  readonly service: number;
  /** Unix seconds. */
  readonly at: number;
}

/** What was posted on one day, whole minutes. */
interface Day {
  earned: number;
  earnedBare: number;
  redeemedBare: number;
  redeemedOffline: number;
}

interface Pair {
  readonly at: number;
  readonly with: string;
}

/** A check-in that nobody has followed for so long was never made. */
export const OPEN_DAYS = 30;
const OPEN_SECONDS = OPEN_DAYS * 86_400;

export class AccountState {
  private readonly open = new Map<number, Open>();
  private readonly holds = new Map<string, Hold>();
  /** Accounts that it has welcomed. */
  readonly welcomed = new Set<string>();
  private readonly days = new Map<number, Day>();
  private pairs: Pair[] = [];
  /** End of the last time that was credited, Unix seconds. */
  busyUntil = -Infinity;

  /**
   * @param dayOf the day of a moment, where the site is
   * @param since all that was claimed from here on is known, Unix seconds
   */
  constructor(
    public balance: number,
    private readonly dayOf: (at: number) => number,
    readonly since = -Infinity,
  ) {}

  /** The check-in that a check-out at a moment would be of. */
  openAt(service: number, at: number): Open | undefined {
    const open = this.open.get(service);
    return open !== undefined && open.place.at >= at - OPEN_SECONDS ? open : undefined;
  }

  holdOf(redemption: string): Hold | undefined {
    return this.holds.get(redemption);
  }

  dayAt(at: number): Readonly<Day> {
    return this.days.get(this.dayOf(at)) ?? EMPTY;
  }

  /** Visits to the wearer of a band from a moment on. */
  pairsSince(at: number, other: string): number {
    return this.pairs.filter((pair) => pair.at >= at && pair.with === other).length;
  }

  /** Takes what was judged into account. */
  apply({ said, place }: Claim, { outcome, minutes, exact }: Judgement): void {
    const { at } = place;
    this.balance += netOf(said.kind, minutes);
    const counts = outcome === 'posted' || outcome === 'noted';
    switch (said.kind) {
      case 'in':
        if (outcome === 'noted') this.open.set(said.service, { place, time: said.time, by: said.by });
        break;
      case 'out': {
        if (outcome === 'noIn') break;
        const began = this.open.get(said.service);
        this.open.delete(said.service);
        if (outcome === 'posted') this.earn(at, minutes, weakest(began?.by, said.by) === 0);
        break;
      }
      case 'visit':
        if (outcome !== 'posted') break;
        this.earn(at, minutes, false);
        this.pairs.push({ at, with: said.recipient });
        break;
      case 'session':
        if (outcome === 'posted') this.earn(at, minutes, false, said.ended);
        break;
      case 'attended':
        // What was not open has no minutes that were measured.
        if (exact === undefined) break;
        if (outcome === 'posted')
          this.earn(at, minutes, this.open.get(said.service)?.by.evidence === 0, Math.min(said.ended, at));
        this.open.delete(said.service);
        break;
      case 'hold': {
        if (!counts) break;
        this.holds.set(said.redemption, { price: minutes, service: said.service, at });
        const day = this.day(at);
        if (said.by.evidence === 0) day.redeemedBare += minutes;
        if (said.offline) day.redeemedOffline += minutes;
        break;
      }
      case 'capture':
      case 'release':
        if (counts) this.holds.delete(said.redemption);
        break;
      case 'give':
        if (outcome === 'posted' && said.sort === 'welcome') this.welcomed.add(said.to);
        break;
      case 'take':
      case 'correct':
        break;
    }
  }

  /**
   * Forgets what cannot matter to what comes later than `at`: earlier days, and visits of before `since`. Both are Unix
   * seconds. Holds stay until they are ended.
   */
  forget(at: number, since: number): void {
    const today = this.dayOf(at);
    for (const day of this.days.keys()) if (day < today) this.days.delete(day);
    if ((this.pairs[0]?.at ?? Infinity) < since) this.pairs = this.pairs.filter((pair) => pair.at >= since);
  }

  private earn(at: number, minutes: number, bare: boolean, until = at): void {
    const day = this.day(at);
    day.earned += minutes;
    if (bare) day.earnedBare += minutes;
    this.busyUntil = Math.max(this.busyUntil, until);
  }

  private day(at: number): Day {
    const number = this.dayOf(at);
    let day = this.days.get(number);
    if (day === undefined) this.days.set(number, (day = { ...EMPTY }));
    return day;
  }
}

const EMPTY: Day = { earned: 0, earnedBare: 0, redeemedBare: 0, redeemedOffline: 0 };

/** What the minutes of a judgement do to the balance of the account itself. */
export function netOf(kind: Claim['said']['kind'], minutes: number): number {
  return kind === 'hold' || kind === 'give' ? -minutes : kind === 'capture' ? 0 : minutes;
}

function weakest(...presences: readonly (Presence | undefined)[]): number {
  return Math.min(...presences.map((by) => by?.evidence ?? 2));
}
