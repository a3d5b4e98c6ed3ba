/** What becomes of a claim: a function of the account as it stands, the rules, the catalogue, and nothing else. */
import type { TimeInterval } from '@timeband/protocol';
import { ASKED, type Catalogue, type Service } from './catalogue.js';
import type { Claim, Judgement, Outcome, Presence, Said } from './claim.js';
import type { Gathering } from './gatherings.js';
import type { Place } from './place.js';
import { rounded, type Rules } from './rules.js';
import type { AccountState, Open } from './state.js';

/** What a site goes by at some moment. */
export interface Policy {
  readonly rules: Rules;
  readonly catalogue: Catalogue;
}

/** What a claim depends on beside its own account. */
export interface Surroundings {
  /** No other record with an earlier place says the same thing. */
  readonly isFirst: (claim: Claim) => boolean;
  /** Whose a band is at the place of a claim. */
  readonly accountOf: (band: string, claim: Claim) => string | undefined;
  /** Whether the account has a band with a key of its own at that place, so that anything weaker needs staff. */
  readonly ownsKey: (claim: Claim) => boolean;
  /** The activity that a check-in was one at. */
  readonly gatheringAt: (service: number, checkIn: Place) => Gathering | undefined;
  /** The one that a claim's record closes. */
  readonly gatheringOf: (claim: Claim) => Gathering;
  /** What the other end of a transfer gave. */
  readonly given: (claim: Claim) => number;
}

type Saying<Kind extends Said['kind']> = Extract<Said, { readonly kind: Kind }>;

const DAY_SECONDS = 86_400;

/** Two clocks, and the time that it takes to go from one reader to the next, seconds. */
const OVERLAP_SLACK = 60;

export function judge(state: AccountState, claim: Claim, policy: Policy, around: Surroundings): Judgement {
  if (!around.isFirst(claim)) return not('copy');
  const { said, account, place } = claim;
  if ('by' in said && isWeaker(said.by, around.ownsKey(claim))) return not('weaker');
  switch (said.kind) {
    case 'in':
      return checkIn(state, claim, said, policy, around);
    case 'out':
      return checkOut(state, claim, said, policy, around);
    case 'visit':
      return visit(state, claim, said, policy, around);
    case 'session':
      return session(state, claim, said, policy, around);
    case 'attended':
      return attended(state, claim, said, policy, around);
    case 'hold':
      return hold(state, said, place.at, policy);
    case 'capture':
      return capture(state, said, place.at, policy);
    case 'release':
      return release(state, said);
    case 'give':
      return give(state, said, account, policy.rules);
    case 'take': {
      const minutes = around.given(claim);
      return { outcome: minutes === 0 ? 'noted' : 'posted', minutes };
    }
    case 'correct':
      return correct(state, said, account, policy.rules);
  }
}

function give(
  state: AccountState,
  { sort, to, minutes }: Saying<'give'>,
  account: string,
  rules: Rules,
): Judgement {
  if (sort === 'welcome') {
    if (account !== FUND || minutes !== rules.welcomeGrant) return not('notWelcome');
    if (state.welcomed.has(to)) return not('welcomed');
  }
  return state.balance - minutes < floorOf(account, rules) ? not('floor') : { outcome: 'posted', minutes };
}

/** Of the community, to which minutes are donated and from which they are granted. */
export const FUND = 'fund';

function floorOf(account: string, { floor, fundFloor }: Rules): number {
  return account === FUND ? fundFloor : floor;
}

function checkIn(
  state: AccountState,
  { place }: Claim,
  { service, time }: Saying<'in' | 'out'>,
  { rules, catalogue }: Policy,
  around: Surroundings,
): Judgement {
  const open = state.openAt(service, place.at);
  const noted = { outcome: 'noted', minutes: 0 } as const;
  if (open === undefined || minutesBetween(open.time, time, rules) === undefined) return noted;
  if (catalogue.services.get(service)?.asks !== 'activity') return not('doubleIn');
  // Who came before an activity was opened begins with it: a check-in at none would come to nothing.
  const here = around.gatheringAt(service, place);
  const before = around.gatheringAt(service, open.place);
  const begins = here !== undefined && here.closed.event !== before?.closed.event;
  return begins ? noted : not('doubleIn');
}

function checkOut(
  state: AccountState,
  { account, place: { at } }: Claim,
  { service, time, by }: Saying<'in' | 'out'>,
  policy: Policy,
  around: Surroundings,
): Judgement {
  const open = state.openAt(service, at);
  if (open === undefined) return not('noIn');
  const exact = minutesBetween(open.time, time, policy.rules);
  if (exact === undefined) return not('unclosed');
  const known = policy.catalogue.services.get(service);
  if (known === undefined) return { ...not('noService'), exact };
  const isBare = Math.min(open.by.evidence, by.evidence) === 0;
  if (known.asks === 'activity') {
    const gathering = around.gatheringAt(service, open.place);
    if (gathering === undefined) return { ...not('evidence'), exact };
    return stayed(state, gathering, { account, at, open, until: middleOf(time), isBare }, policy);
  }
  if (ASKED[known.asks] > ASKED.punch) return { ...not('evidence'), exact };
  return credit(state, exact, at, policy, { since: middleOf(open.time), isBare });
}

function visit(
  state: AccountState,
  claim: Claim,
  { service, time, seconds, minutes, recipient, by }: Saying<'visit'>,
  policy: Policy,
  around: Surroundings,
): Judgement {
  const { account, place } = claim;
  const exact = Math.min(minutes, Math.floor(seconds / 60));
  if (by.evidence < 2) return { ...not('evidence'), exact };
  const other = around.accountOf(recipient, claim);
  if (other === undefined) return { ...not('noRecipient'), exact };
  if (other === account) return { ...not('self'), exact };
  const known = policy.catalogue.services.get(service);
  if (known === undefined) return { ...not('noService'), exact };
  if (ASKED[known.asks] > ASKED.attestation) return { ...not('evidence'), exact };
  const { pairDays, pairVisits } = policy.rules;
  if (state.pairsSince(place.at - pairDays * DAY_SECONDS, recipient) >= pairVisits)
    return { ...not('pair'), exact };
  return credit(state, exact, place.at, policy, { since: middleOf(time) - seconds, isBare: false });
}

function session(
  state: AccountState,
  claim: Claim,
  { service, started, ended, activity }: Saying<'session'>,
  policy: Policy,
  around: Surroundings,
): Judgement {
  const exact = Math.floor((ended - started) / 60);
  const known = policy.catalogue.services.get(service);
  if (activity !== undefined) {
    // Everybody checks in to it and out of it, whoever is in charge: nobody looks for a roster.
    if (known !== undefined && known.asks !== 'activity') return not('noted');
    const { verdict, others } = around.gatheringOf(claim);
    if (verdict === 'order') return not('order');
    if (verdict === 'roster') return { ...not('roster'), exact };
    if (others === 0) return { ...not('noRecipient'), exact };
    if (exact > policy.rules.openFor) return { ...not('unclosed'), exact };
  }
  if (known === undefined) return { ...not('noService'), exact };
  return credit(state, exact, claim.place.at, policy, { since: started, isBare: false });
}

/** Who did not check out of an activity; who did has their minutes by then. */
function attended(
  state: AccountState,
  claim: Claim,
  { service, ended }: Saying<'attended'>,
  policy: Policy,
  around: Surroundings,
): Judgement {
  const { account, place } = claim;
  const open = state.openAt(service, place.at);
  const gathering = around.gatheringOf(claim);
  const here = open && around.gatheringAt(service, open.place);
  if (open === undefined || here?.closed.event !== gathering.closed.event) return not('noted');
  const until = Math.min(ended, place.at);
  return stayed(
    state,
    gathering,
    { account, at: place.at, open, until, isBare: open.by.evidence === 0 },
    policy,
  );
}

interface Stay {
  readonly account: string;
  /** Unix seconds, as are all: of the claim. */
  readonly at: number;
  readonly open: Open;
  readonly until: number;
  readonly isBare: boolean;
}

/** From check-in to check-out, as far as the activity went on meanwhile. */
function stayed(
  state: AccountState,
  { verdict, closed }: Gathering,
  { account, at, open, until, isBare }: Stay,
  policy: Policy,
): Judgement {
  const { started, ended, organiser } = closed.says;
  const since = Math.max(middleOf(open.time), started);
  const exact = Math.max(0, Math.floor((Math.min(until, ended) - since) / 60));
  if (verdict !== 'held') return { ...not('roster'), exact };
  // The organiser's own time is in the record that closes it.
  if (account === organiser) return { ...not('noted'), exact };
  if (exact > policy.rules.openFor) return { ...not('unclosed'), exact };
  return credit(state, exact, at, policy, { since, isBare });
}

interface Worked {
  /** When it began, Unix seconds. */
  readonly since: number;
  /** Proven by nothing but a tag's number. */
  readonly isBare: boolean;
}

/** Minutes that were worked, for the account: the limits that all ways of earning share. */
function credit(
  state: AccountState,
  exact: number,
  at: number,
  { rules }: Policy,
  { since, isBare }: Worked,
): Judgement {
  const minutes = rounded(exact, rules);
  const refuse = (outcome: Outcome): Judgement => ({ outcome, minutes: 0, exact });
  if (minutes === 0) return refuse('tooShort');
  if (since < state.busyUntil - OVERLAP_SLACK) return refuse('overlap');
  const { earned, earnedBare } = state.dayAt(at);
  if (isBare && earnedBare + minutes > rules.bareEarn) return refuse('weakCap');
  if (earned + minutes > rules.dayLimit) return refuse('dayLimit');
  if (earned + minutes > rules.dayApproval) return refuse('dayApproval');
  if (state.balance + minutes > rules.accountLimit) return refuse('accountFull');
  return { outcome: 'posted', minutes, exact };
}

function hold(
  state: AccountState,
  said: Saying<'hold'>,
  at: number,
  { rules, catalogue }: Policy,
): Judgement {
  const { redemption, service, price, offline, by } = said;
  if (state.holdOf(redemption) !== undefined) return not('order');
  const known: Service | undefined = catalogue.services.get(service);
  if (known === undefined) return not('noService');
  if (!known.redeemable) return not('notRedeemable');
  if (said.catalogue === catalogue.version && price !== known.minutes) return not('wrongPrice');
  const { redeemedBare, redeemedOffline } = state.dayAt(at);
  if (by.evidence === 0 && redeemedBare + price > rules.bareRedeem) return not('weakCap');
  if (offline && redeemedOffline + price > rules.offlineRedeem) return not('offlineCap');
  if (state.balance - price < rules.floor) return not('floor');
  return { outcome: 'posted', minutes: price };
}

function capture(
  state: AccountState,
  { redemption }: Saying<'capture'>,
  at: number,
  { rules }: Policy,
): Judgement {
  const held = state.holdOf(redemption);
  if (held === undefined) return not('order');
  if (at - held.at > rules.holdDays * DAY_SECONDS) return not('expired');
  return { outcome: 'posted', minutes: held.price };
}

function release(state: AccountState, { redemption }: Saying<'release'>): Judgement {
  const held = state.holdOf(redemption);
  return held === undefined ? not('order') : { outcome: 'posted', minutes: held.price };
}

function correct(
  state: AccountState,
  { minutes }: Saying<'correct'>,
  account: string,
  rules: Rules,
): Judgement {
  if (minutes === 0) return { outcome: 'noted', minutes: 0 };
  if (minutes < 0 && state.balance + minutes < floorOf(account, rules)) return not('floor');
  return { outcome: 'posted', minutes };
}

function not(outcome: Outcome): Judgement {
  return { outcome, minutes: 0 };
}

/** Rule 10: who has a band that proves itself does not come with a tag, but with staff. */
function isWeaker({ evidence, assisted }: Presence, ownsKey: boolean): boolean {
  return ownsKey && evidence < 2 && !assisted;
}

/** Unix seconds; the interval's end where its beginning is open. */
function middleOf({ earliest, latest }: TimeInterval): number {
  return earliest === undefined ? latest : (earliest + latest) / 2;
}

/** Whole minutes between the middles of two intervals; nothing where they say nothing, or were too far apart. */
function minutesBetween(from: TimeInterval, to: TimeInterval, { openFor }: Rules): number | undefined {
  if (from.earliest === undefined || to.earliest === undefined || to.latest < from.earliest) return undefined;
  const minutes = Math.max(0, Math.floor((middleOf(to) - middleOf(from)) / 60));
  return minutes > openFor ? undefined : minutes;
}
