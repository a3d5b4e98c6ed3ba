/**
 * The book: every record's claims in the timelines of their accounts, judged in the order of their places, and the
 * journal of what was posted. A record that comes late is judged where it belongs; what that changes of later ones is
 * reversed and posted anew, and nothing else is touched. So the same records end in the same balances, in whatever order
 * they arrive, and a journal made again from the same events is the same to the byte.
 */
import { type Binding, Bindings } from './bindings.js';
import type { BookStore, Kept } from './book-store.js';
import type { Claim, Judgement } from './claim.js';
import { moveOf } from './entry.js';
import type { Fact, FactSays } from './fact.js';
import { type ActivityFact, Gatherings } from './gatherings.js';
import { judge, type Policy, type Surroundings } from './judge.js';
import { comparePlaces, type Place } from './place.js';
import { ATTENDED, bandOf, claimsOf, nameOf, namesIn, type Resolver, uniqueName } from './resolve.js';
import { AccountState, netOf, OPEN_DAYS } from './state.js';

export interface BookOptions<K extends Kept> {
  readonly store: BookStore<K>;
  /** What the site went by when an event was published. */
  readonly policyAt: (event: number) => Policy;
  /** The number of a moment's day where the site is. */
  readonly dayOf: (at: number) => number;
}

/** States of accounts that are kept in memory. */
const MOST_STATES = 20_000;
const DAY_SECONDS = 86_400;
/** What nearly all claims are judged by: the day, and the check-in that is open. */
const RECENT_SECONDS = 2 * DAY_SECONDS;
const PENDING: Judgement = { outcome: 'noted', minutes: 0 };

interface Change<K extends Kept> {
  readonly kept: K;
  readonly judgement: Judgement;
}

interface Judged<K extends Kept> {
  readonly state: AccountState;
  readonly changes: readonly Change<K>[];
}

export class Book<K extends Kept = Kept> {
  private readonly bindings: Bindings;
  /** At the newest end of their timelines, the one last used at the end. */
  private readonly states = new Map<string, AccountState>();
  /** From which place on a timeline has to be judged again. */
  private readonly dirty = new Map<string, Place>();
  private readonly around: Surroundings;
  private readonly resolver: Resolver;
  private readonly gatherings: Gatherings;

  constructor(private readonly options: BookOptions<K>) {
    this.bindings = new Bindings(options.store);
    const accountOf = (band: string, place: Place) => this.bindings.accountOf(band, place);
    const gatherings = new Gatherings({ store: options.store, accountOf });
    this.gatherings = gatherings;
    this.around = {
      isFirst: (claim) => this.isFirst(claim),
      accountOf: (band, { place }) => this.bindings.accountOf(band, place),
      ownsKey: ({ account, place }) => this.bindings.ownsKey(account, place),
      given: (claim) => this.given(claim),
      gatheringAt: (service, place) => gatherings.at(service, place),
      gatheringOf: ({ event }) => gatherings.closedBy(options.store.fact(event)),
    };
    this.resolver = {
      accountOf,
      holderOf: (redemption) => this.holderOf(redemption),
      attendersOf: (closed) => [...gatherings.closedBy(closed).members.keys()],
    };
  }

  /** Takes a fact in; only within the transaction that stores its event, and in the order of events. */
  record(fact: Fact): void {
    const { says } = fact;
    this.gatherings.forget();
    if (says.kind === 'enrol') this.enrol(fact, says);
    else if (says.kind === 'activity') this.takeActivity(fact, says.activity);
    else if (isCheckIn(says) && this.isForGroups(fact, says.service)) this.checkIn(fact, says.service);
    else this.claim(fact);
    this.settle();
  }

  /** After a transaction that failed: what the store says counts again. */
  reload(): void {
    this.bindings.clear();
    this.states.clear();
    this.dirty.clear();
  }

  private claim(fact: Fact): void {
    const { store } = this.options;
    const { says, event } = fact;
    const holder = says.kind === 'hold' ? this.holderOf(says.redemption) : undefined;
    for (const name of namesIn(fact)) store.mention(name, event);
    const claims = claimsOf(fact, this.resolver);
    if (claims.length === 0) this.leaveUnclaimed(fact);
    for (const claim of claims) this.insert(claim);
    this.touchOthers(fact);
    if (says.kind === 'hold') this.moveSpends(says.redemption, holder);
  }

  private takeActivity(fact: Fact, activity: string): void {
    const closings = this.gatherings.closingsOf(activity);
    this.regather(closings, () => {
      this.options.store.mention(nameOf.activity(activity), fact.event);
      this.gatherings.forget();
      this.gatherings.noteClosings(activity);
      if (fact.says.kind !== 'activity' || fact.says.phase !== 'closed') return;
      for (const [account, place] of this.gatherings.closedBy(fact).members) this.touch(account, place);
      for (const claim of claimsOf(fact, this.resolver)) this.insert(claim);
    });
  }

  private checkIn(fact: Fact, service: number): void {
    const closings = this.gatherings.closingsAt(service, fact.place);
    this.regather(closings, () => {
      this.gatherings.noteCheckIn(fact, service);
      this.claim(fact);
    });
  }

  private isForGroups({ event }: Fact, service: number): boolean {
    return this.options.policyAt(event).catalogue.services.get(service)?.asks === 'activity';
  }

  /** Records that close activities at which a fact is a check-in. */
  private closingsAt(facts: Iterable<Fact>): ActivityFact[] {
    const found = new Map<number, ActivityFact>();
    for (const fact of facts) {
      const { says, place } = fact;
      if (!isCheckIn(says) || !this.isForGroups(fact, says.service)) continue;
      for (const closed of this.gatherings.closingsAt(says.service, place)) found.set(closed.event, closed);
    }
    return [...found.values()];
  }

  /** Something became known that may change who was at activities, and whether their rosters say so. */
  private regather(closings: readonly ActivityFact[], change: () => void): void {
    const before = closings.map((closed) => this.gatherings.closedBy(closed));
    change();
    this.gatherings.forget();
    for (const { closed, members } of before) {
      const now = this.gatherings.closedBy(closed);
      this.touch(closed.says.organiser, closed.place);
      for (const [account, place] of members) {
        this.touch(account, place);
        if (!now.members.has(account))
          this.remove(account, { ...closed, place: { ...closed.place, part: ATTENDED } });
      }
      for (const [account, place] of now.members) this.touch(account, place);
      for (const claim of claimsOf(closed, this.resolver))
        if (claim.said.kind === 'attended' && !members.has(claim.account)) this.insert(claim);
    }
  }

  private leaveUnclaimed(fact: Fact): void {
    const band = bandOf(fact);
    if (band !== undefined) this.options.store.mention(nameOf.unclaimed(band), fact.event);
  }

  /** Who says the same later has to stand back. */
  private touchOthers(fact: Fact): void {
    const name = uniqueName(fact.says);
    if (name === undefined) return;
    for (const other of this.factsNamed(name)) {
      if (other.event === fact.event || comparePlaces(other.place, fact.place) < 0) continue;
      for (const claim of claimsOf(other, this.resolver)) this.touch(claim.account, claim.place);
    }
  }

  private enrol(fact: Fact, says: Extract<FactSays, { kind: 'enrol' }>): void {
    const { band, account, step, hasKey, replaces, action } = says;
    const { place } = fact;
    const owner = step === 'revoked' ? undefined : account;
    this.bind({ band, place, account: owner, hasKey, action }, fact.event);
    if (replaces !== undefined)
      this.bind({ band: replaces, place, account: undefined, hasKey: false, action }, fact.event);
  }

  /** Whose a band is at a place, by what is known now. */
  accountOf(band: string, place: Place): string | undefined {
    return this.bindings.accountOf(band, place);
  }

  /** What a fact would come to as the newest of its account, by what is known now; nothing is kept of it. */
  consider(fact: Fact): { readonly claim: Claim; readonly judgement: Judgement } | undefined {
    const [claim] = claimsOf(fact, this.resolver);
    if (claim === undefined) return undefined;
    let state = this.stateOf(claim.account);
    const since = this.reach(state, claim);
    if (since < state.since)
      state = this.stateAfter(claim.account, this.options.store.newest(claim.account), since);
    const judgement = judge(state, claim, this.options.policyAt(claim.event), this.around);
    return { claim, judgement };
  }

  /** Whether minutes were ever claimed for a redemption. */
  knowsHold(redemption: string): boolean {
    return this.options.store.mentions(nameOf.hold(redemption)).length > 0;
  }

  /** From here on a band is somebody else's: what it claimed later goes to whom it belongs to. */
  private bind(binding: Binding, event: number): void {
    const { store } = this.options;
    const { band, place } = binding;
    const claimed = this.claimedBy(band, place);
    this.regather(this.closingsAt(claimed.keys()), () => {
      store.bind(binding, event);
      this.bindings.changed(binding);
      this.gatherings.forget();
      for (const [fact, owner] of claimed) this.moveClaim(fact, owner);
    });
    for (const fact of this.factsNamed(nameOf.peer(band))) {
      for (const claim of claimsOf(fact, this.resolver)) this.touch(claim.account, claim.place);
    }
    // Who has a band with a key may no longer come with less.
    for (const owner of this.bindings.accountsOf(band)) this.touch(owner, place);
  }

  /** Facts that a band claims from a place on, and whose they are by now. */
  private claimedBy(band: string, place: Place): Map<Fact, string | undefined> {
    const { store } = this.options;
    const facts = new Map<number, Fact>();
    for (const fact of this.factsNamed(nameOf.unclaimed(band))) facts.set(fact.event, fact);
    for (const owner of this.bindings.accountsOf(band)) {
      for (const { claim } of this.from(owner, place)) {
        if ('by' in claim.said && claim.said.by.band === band)
          facts.set(claim.event, store.fact(claim.event));
      }
    }
    return new Map([...facts.values()].map((fact) => [fact, this.bindings.accountOf(band, fact.place)]));
  }

  private moveClaim(fact: Fact, owner: string | undefined): void {
    const [claim] = claimsOf(fact, this.resolver);
    if (claim?.account === owner) return;
    const { says } = fact;
    const isFirstHold =
      says.kind === 'hold' && this.firstNamed(nameOf.hold(says.redemption))?.event === fact.event;
    if (owner !== undefined) this.remove(owner, fact);
    if (claim === undefined) this.leaveUnclaimed(fact);
    else this.insert(claim);
    if (isFirstHold) this.moveSpends(says.redemption, owner);
  }

  /** Captures and releases go with the hold that they are of. */
  private moveSpends(redemption: string, before: string | undefined): void {
    if (before === this.holderOf(redemption)) return;
    for (const fact of this.factsNamed(nameOf.spend(redemption))) {
      if (before !== undefined) this.remove(before, fact);
      for (const claim of claimsOf(fact, this.resolver)) this.insert(claim);
    }
  }

  private holderOf(redemption: string): string | undefined {
    const hold = this.firstNamed(nameOf.hold(redemption));
    return hold && this.ownerOf(hold);
  }

  private ownerOf(fact: Fact): string | undefined {
    const band = bandOf(fact);
    return band === undefined ? undefined : this.bindings.accountOf(band, fact.place);
  }

  private factsNamed(name: string): Fact[] {
    const { store } = this.options;
    return store.mentions(name).map((event) => store.fact(event));
  }

  private firstNamed(name: string): Fact | undefined {
    let first: Fact | undefined;
    for (const fact of this.factsNamed(name)) {
      if (first === undefined || comparePlaces(fact.place, first.place) < 0) first = fact;
    }
    return first;
  }

  private isFirst({ said, event }: Claim): boolean {
    const name = uniqueName(said);
    if (name === undefined) return true;
    const mentions = this.options.store.mentions(name);
    return mentions.length < 2 || this.firstNamed(name)?.event === event;
  }

  private given({ said, event, place }: Claim): number {
    if (said.kind !== 'take') return 0;
    const give = { ...place, part: place.part - 1 };
    for (const kept of this.from(said.from, give))
      if (kept.claim.event === event) return kept.judgement.minutes;
    return 0;
  }

  /** What stands in a timeline from a place on, the oldest first. */
  private from(account: string, place: Place): K[] {
    const { store } = this.options;
    const found: K[] = [];
    for (let kept = store.newest(account); kept !== undefined; kept = store.before(kept)) {
      if (comparePlaces(kept.claim.place, place) < 0) break;
      found.push(kept);
    }
    return found.reverse();
  }

  private insert(claim: Claim): void {
    const { store } = this.options;
    const { account, place } = claim;
    const newest = store.newest(account);
    if (newest === undefined || comparePlaces(newest.claim.place, place) < 0) {
      if (!this.dirty.has(account)) {
        this.append(claim, newest);
        return;
      }
      store.insert({ claim, judgement: PENDING }, newest, undefined);
    } else {
      const [next] = this.from(account, place);
      store.insert({ claim, judgement: PENDING }, next && store.before(next), next);
    }
    this.touch(account, place);
  }

  /** The usual case: it is the newest of its account. */
  private append(claim: Claim, newest: K | undefined): void {
    const { store } = this.options;
    let state = this.stateOf(claim.account);
    const since = this.reach(state, claim);
    if (since < state.since) state = this.stateAfter(claim.account, newest, since);
    const judgement = judge(state, claim, this.options.policyAt(claim.event), this.around);
    store.insert({ claim, judgement }, newest, undefined);
    state.apply(claim, judgement);
    const { at } = claim.place;
    state.forget(at, at - this.window(claim.event));
    this.remember(claim.account, state);
    this.post(claim, judgement, false);
  }

  /** From when on an account has to be known to judge a claim, Unix seconds: the last days are, and few claims need more. */
  private reach(state: AccountState, { said, place, event }: Claim): number {
    switch (said.kind) {
      case 'capture':
      case 'release':
        // What is known since the hold and is not there was refused, or has ended.
        if (state.holdOf(said.redemption) !== undefined) return Infinity;
        return this.firstNamed(nameOf.hold(said.redemption))?.place.at ?? Infinity;
      case 'out':
      case 'attended':
        return state.openAt(said.service, place.at) === undefined ? place.at - this.window(event) : Infinity;
      case 'visit':
        return place.at - this.window(event);
      case 'give':
        if (said.sort !== 'welcome' || state.welcomed.has(said.to)) return Infinity;
        return this.firstNamed(nameOf.welcome(said.to))?.place.at ?? Infinity;
      case 'in':
      case 'session':
      case 'hold':
      case 'take':
      case 'correct':
        return Infinity;
    }
  }

  private remove(account: string, { event, place }: Fact): void {
    const { store } = this.options;
    const later = this.from(account, place);
    const at = later.findIndex(({ claim }) => claim.event === event);
    const kept = later[at];
    if (kept === undefined) return;
    this.post(kept.claim, kept.judgement, true);
    store.remove(kept, later[at + 1]);
    this.touch(account, place);
  }

  private touch(account: string, place: Place): void {
    this.states.delete(account);
    const known = this.dirty.get(account);
    if (known === undefined || comparePlaces(place, known) < 0) this.dirty.set(account, place);
  }

  /** The earliest place first: what is judged again there can only change what comes later. */
  private settle(): void {
    while (this.dirty.size > 0) {
      let first: [string, Place] | undefined;
      for (const entry of this.dirty)
        if (first === undefined || comparePlaces(entry[1], first[1]) < 0) first = entry;
      if (first === undefined) return;
      this.dirty.delete(first[0]);
      this.rejudge(...first);
    }
  }

  private rejudge(account: string, place: Place): void {
    const later = this.from(account, place);
    const [next] = later;
    if (next === undefined) return;
    const laterNet = later.reduce((net, kept) => net + keptNet(kept), 0);
    const before = this.options.store.before(next);
    let judged: Judged<K> | number = place.at;
    while (typeof judged === 'number')
      judged = this.judgeAll(later, this.stateAfter(account, before, judged, laterNet));
    const { state, changes } = judged;
    this.change(changes);
    this.remember(account, state);
  }

  /** @returns from when on the account has to be known instead, Unix seconds, where `state` does not reach back far enough */
  private judgeAll(later: readonly K[], state: AccountState): Judged<K> | number {
    const changes: Change<K>[] = [];
    for (const kept of later) {
      const { claim } = kept;
      const since = this.reach(state, claim);
      if (since < state.since) return since;
      const judgement = judge(state, claim, this.options.policyAt(claim.event), this.around);
      state.apply(claim, judgement);
      if (!isSame(judgement, kept.judgement)) changes.push({ kept, judgement });
    }
    return { state, changes };
  }

  /** Takes back what gave least first, so that no balance falls lower on the way than where it ends. */
  private change(changes: readonly Change<K>[]): void {
    const byOld = [...changes].sort((a, b) => keptNet(a.kept) - keptNet(b.kept));
    for (const { kept } of byOld) this.post(kept.claim, kept.judgement, true);
    const net = ({ kept, judgement }: Change<K>): number => netOf(kept.claim.said.kind, judgement.minutes);
    for (const { kept, judgement } of [...changes].sort((a, b) => net(b) - net(a))) {
      const { claim } = kept;
      this.options.store.rejudge(kept, judgement);
      this.post(claim, judgement, false);
      const { said, place } = claim;
      if (said.kind === 'give') this.touch(said.to, { ...place, part: place.part + 1 });
    }
  }

  private post(claim: Claim, judgement: Judgement, reverses: boolean): void {
    const move = moveOf(claim, judgement, this.serviceOf(claim));
    if (move === undefined) return;
    const { debit, credit, minutes } = move;
    const { rules, catalogue } = this.options.policyAt(claim.event);
    this.options.store.post({
      ...{ event: claim.event, minutes, reverses, rules: rules.version, catalogue: catalogue.version },
      debit: reverses ? credit : debit,
      credit: reverses ? debit : credit,
    });
  }

  private serviceOf(claim: Claim): number {
    if (claim.said.kind !== 'capture') return 0;
    const hold = this.firstNamed(nameOf.hold(claim.said.redemption));
    return hold?.says.kind === 'hold' ? hold.says.service : 0;
  }

  private stateOf(account: string): AccountState {
    const known = this.states.get(account);
    return known ?? this.stateAfter(account, this.options.store.newest(account));
  }

  /**
   * How an account stands after `last`, with everything of the last days looked at, and at least all since `since`, Unix seconds.
   * `later` is the net of what comes after.
   */
  private stateAfter(account: string, last: K | undefined, since = Infinity, later = 0): AccountState {
    const { store, dayOf } = this.options;
    const looked: K[] = [];
    const from = Math.min(since, (last?.claim.place.at ?? 0) - RECENT_SECONDS);
    let net = 0;
    let kept = last;
    for (; kept !== undefined; kept = store.before(kept)) {
      if (kept.claim.place.at < from) break;
      looked.push(kept);
      net += keptNet(kept);
    }
    const state = new AccountState(store.standing(account) - later - net, dayOf, kept && from);
    for (const { claim, judgement } of looked.reverse()) state.apply(claim, judgement);
    return state;
  }

  /** Seconds that rules look back, with a day to spare. */
  private window(event: number): number {
    const { holdDays, pairDays } = this.options.policyAt(event).rules;
    return (Math.max(holdDays, pairDays, OPEN_DAYS) + 2) * DAY_SECONDS;
  }

  private remember(account: string, state: AccountState): void {
    this.states.delete(account);
    this.states.set(account, state);
    if (this.states.size <= MOST_STATES) return;
    for (const oldest of this.states.keys()) {
      this.states.delete(oldest);
      break;
    }
  }
}

function isCheckIn(says: FactSays): says is Extract<FactSays, { kind: 'punch' }> {
  return says.kind === 'punch' && says.direction === 'in';
}

function keptNet({ claim, judgement }: Kept): number {
  return netOf(claim.said.kind, judgement.minutes);
}

function isSame(a: Judgement, b: Judgement): boolean {
  return a.outcome === b.outcome && a.minutes === b.minutes && a.exact === b.exact;
}
