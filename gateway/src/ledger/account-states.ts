/** How accounts stand at the newest ends of their timelines, and how they stood before: read as far back as a claim needs it. */
import type { BookStore, Kept } from './book-store.js';
import type { Claim } from './claim.js';
import type { Policy } from './judge.js';
import type { NamedFacts } from './named-facts.js';
import { nameOf } from './resolve.js';
import { AccountState, netOf, OPEN_DAYS } from './state.js';

export interface AccountStatesOptions<K extends Kept> {
  readonly store: Pick<BookStore<K>, 'since' | 'standing'>;
  readonly named: NamedFacts;
  /** What the site went by when an event was published. */
  readonly policyAt: (event: number) => Policy;
  /** The number of a moment's day where the site is. */
  readonly dayOf: (at: number) => number;
}

/** What to begin with. */
export interface Standing<K extends Kept> {
  /** The newest claim that counts. */
  readonly last: K | undefined;
  /** All from here on has to be known, Unix seconds: the last days are anyway. */
  readonly since?: number;
  /** Net minutes of what comes after `last`. */
  readonly laterNet?: number;
}

/** States of accounts that are kept in memory. */
const MOST_STATES = 20_000;
const DAY_SECONDS = 86_400;
/** What nearly all claims are judged by: the day, which may have 25 hours, and the check-in that is open. */
const RECENT_SECONDS = DAY_SECONDS + 2 * 3_600;

export class AccountStates<K extends Kept> {
  /** The one last used at the end. */
  private readonly newest = new Map<string, AccountState>();

  constructor(private readonly options: AccountStatesOptions<K>) {}

  clear(): void {
    this.newest.clear();
  }

  /** Something has changed in the timeline of an account. */
  forget(account: string): void {
    this.newest.delete(account);
  }

  /** How the account of a claim that comes after `last`, its newest, stands: known as far back as the claim needs. */
  before(claim: Claim, last: K | undefined): AccountState {
    const { account } = claim;
    const state = this.newest.get(account) ?? this.after(account, { last });
    const since = this.reach(state, claim);
    return since < state.since ? this.after(account, { last, since }) : state;
  }

  /** How an account stands after one of its claims. */
  after(account: string, { last, since = Infinity, laterNet = 0 }: Standing<K>): AccountState {
    const { store, dayOf } = this.options;
    const standing = store.standing(account) - laterNet;
    if (last === undefined) return new AccountState(standing, dayOf);
    const from = Math.min(since, last.claim.place.at - RECENT_SECONDS);
    const read = store.since(last, from);
    const looked = read.filter(({ claim }) => claim.place.at >= from);
    const net = looked.reduce((sum, kept) => sum + keptNet(kept), 0);
    const state = new AccountState(standing - net, dayOf, looked.length < read.length ? from : undefined);
    for (const { claim, judgement } of looked.reverse()) state.apply(claim, judgement);
    return state;
  }

  /** From when on an account has to be known to judge a claim, Unix seconds: the last days are, and few claims need more. */
  reach(state: AccountState, { said, place, event }: Claim): number {
    const { named } = this.options;
    switch (said.kind) {
      case 'capture':
      case 'release':
        // What is known since the hold and is not there was refused, or has ended.
        if (state.holdOf(said.redemption) !== undefined) return Infinity;
        return named.first(nameOf.hold(said.redemption))?.place.at ?? Infinity;
      case 'out':
      case 'attended':
        return state.openAt(said.service, place.at) === undefined ? place.at - this.window(event) : Infinity;
      case 'visit':
        return place.at - this.window(event);
      case 'give':
        if (said.sort !== 'welcome' || state.welcomed.has(said.to)) return Infinity;
        return named.first(nameOf.welcome(said.to))?.place.at ?? Infinity;
      case 'in':
      case 'session':
      case 'hold':
      case 'take':
      case 'correct':
        return Infinity;
    }
  }

  /** A claim is the newest of its account now, and `state` has it. */
  extend({ account, place: { at }, event }: Claim, state: AccountState): void {
    state.forget(at, at - this.window(event));
    this.keep(account, state);
  }

  /** So an account stands at the newest end of its timeline. */
  keep(account: string, state: AccountState): void {
    this.newest.delete(account);
    this.newest.set(account, state);
    if (this.newest.size <= MOST_STATES) return;
    for (const oldest of this.newest.keys()) {
      this.newest.delete(oldest);
      break;
    }
  }

  /** Seconds that rules look back, with a day to spare. */
  private window(event: number): number {
    const { holdDays, pairDays } = this.options.policyAt(event).rules;
    return (Math.max(holdDays, pairDays, OPEN_DAYS) + 2) * DAY_SECONDS;
  }
}

/** What the minutes of a claim do to the balance of its account. */
export function keptNet({ claim, judgement }: Kept): number {
  return netOf(claim.said.kind, judgement.minutes);
}
