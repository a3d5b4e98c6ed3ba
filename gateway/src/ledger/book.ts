/**
 * The book: whose account each record claims something of, and in whose timeline it therefore stands. What becomes known
 * later moves it there, and nothing else is touched. So the same records end in the same balances, in whatever order they
 * arrive, and a journal made again from the same events is the same to the byte.
 */
import { type Binding, Bindings } from './bindings.js';
import type { BookStore, Kept } from './book-store.js';
import type { Claim, Judgement } from './claim.js';
import type { Fact, FactSays } from './fact.js';
import { type ActivityFact, Gatherings } from './gatherings.js';
import type { Policy } from './judge.js';
import { NamedFacts } from './named-facts.js';
import { comparePlaces, type Place } from './place.js';
import { ATTENDED, bandOf, claimsOf, nameOf, namesIn, type Resolver, uniqueName } from './resolve.js';
import { Timelines } from './timelines.js';

export interface BookOptions<K extends Kept> {
  readonly store: BookStore<K>;
  /** What the site went by when an event was published. */
  readonly policyAt: (event: number) => Policy;
  /** The number of a moment's day where the site is. */
  readonly dayOf: (at: number) => number;
}

export class Book<K extends Kept = Kept> {
  private readonly bindings: Bindings;
  private readonly named: NamedFacts;
  private readonly gatherings: Gatherings;
  private readonly timelines: Timelines<K>;
  private readonly resolver: Resolver;

  constructor(private readonly options: BookOptions<K>) {
    const { store } = options;
    const bindings = (this.bindings = new Bindings(store));
    const named = (this.named = new NamedFacts(store));
    const accountOf = (band: string, place: Place) => bindings.accountOf(band, place);
    const gatherings = (this.gatherings = new Gatherings({ store, named, accountOf }));
    const around = {
      accountOf: (band: string, { place }: Claim) => accountOf(band, place),
      ownsKey: ({ account, place }: Claim) => bindings.ownsKey(account, place),
      gatheringAt: (service: number, place: Place) => gatherings.at(service, place),
      gatheringOf: ({ event }: Claim) => gatherings.closedBy(store.fact(event)),
    };
    this.timelines = new Timelines({ ...options, named, around });
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
    this.timelines.settle();
  }

  /** After a transaction that failed: what the store says counts again. */
  reload(): void {
    this.bindings.clear();
    this.timelines.reload();
  }

  private claim(fact: Fact): void {
    const { store } = this.options;
    const { says, event } = fact;
    const holder = says.kind === 'hold' ? this.holderOf(says.redemption) : undefined;
    for (const name of namesIn(fact)) store.mention(name, event);
    const claims = claimsOf(fact, this.resolver);
    if (claims.length === 0) this.leaveUnclaimed(fact);
    for (const claim of claims) this.timelines.insert(claim);
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
      for (const [account, place] of this.gatherings.closedBy(fact).members)
        this.timelines.touch(account, place);
      for (const claim of claimsOf(fact, this.resolver)) this.timelines.insert(claim);
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
      this.timelines.touch(closed.says.organiser, closed.place);
      for (const [account, place] of members) {
        this.timelines.touch(account, place);
        if (!now.members.has(account))
          this.timelines.remove(account, { ...closed, place: { ...closed.place, part: ATTENDED } });
      }
      for (const [account, place] of now.members) this.timelines.touch(account, place);
      for (const claim of claimsOf(closed, this.resolver))
        if (claim.said.kind === 'attended' && !members.has(claim.account)) this.timelines.insert(claim);
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
    for (const other of this.named.all(name)) {
      if (other.event === fact.event || comparePlaces(other.place, fact.place) < 0) continue;
      for (const claim of claimsOf(other, this.resolver)) this.timelines.touch(claim.account, claim.place);
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
    return claim && { claim, judgement: this.timelines.consider(claim) };
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
    for (const fact of this.named.all(nameOf.peer(band))) {
      for (const claim of claimsOf(fact, this.resolver)) this.timelines.touch(claim.account, claim.place);
    }
    // Who has a band with a key may no longer come with less.
    for (const owner of this.bindings.accountsOf(band)) this.timelines.touch(owner, place);
  }

  /** Facts that a band claims from a place on, and whose they are by now. */
  private claimedBy(band: string, place: Place): Map<Fact, string | undefined> {
    const { store } = this.options;
    const facts = new Map<number, Fact>();
    for (const fact of this.named.all(nameOf.unclaimed(band))) facts.set(fact.event, fact);
    for (const owner of this.bindings.accountsOf(band)) {
      for (const { claim } of this.timelines.from(owner, place)) {
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
      says.kind === 'hold' && this.named.first(nameOf.hold(says.redemption))?.event === fact.event;
    if (owner !== undefined) this.timelines.remove(owner, fact);
    if (claim === undefined) this.leaveUnclaimed(fact);
    else this.timelines.insert(claim);
    if (isFirstHold) this.moveSpends(says.redemption, owner);
  }

  /** Captures and releases go with the hold that they are of. */
  private moveSpends(redemption: string, before: string | undefined): void {
    if (before === this.holderOf(redemption)) return;
    for (const fact of this.named.all(nameOf.spend(redemption))) {
      if (before !== undefined) this.timelines.remove(before, fact);
      for (const claim of claimsOf(fact, this.resolver)) this.timelines.insert(claim);
    }
  }

  private holderOf(redemption: string): string | undefined {
    const hold = this.named.first(nameOf.hold(redemption));
    return hold && this.ownerOf(hold);
  }

  private ownerOf(fact: Fact): string | undefined {
    const band = bandOf(fact);
    return band === undefined ? undefined : this.bindings.accountOf(band, fact.place);
  }
}

function isCheckIn(says: FactSays): says is Extract<FactSays, { kind: 'punch' }> {
  return says.kind === 'punch' && says.direction === 'in';
}
