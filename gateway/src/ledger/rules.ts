/** The rules that minutes are posted by: the policy document `rules` of a site (SPEC.md, Policy). */
import { CborError, type CborMap, entries, Fields } from '@timeband/protocol';

/** All in whole minutes unless they say otherwise. */
export interface Rules {
  /** Number of the document; 0 are the ones that a gateway comes with. */
  readonly version: number;
  /** Posted minutes are a multiple of this, rounded to the nearest. */
  readonly roundTo: number;
  /** Shorter is not posted. */
  readonly atLeast: number;
  /** A check-in left open longer credits nothing. */
  readonly openFor: number;
  /** More a day waits for an approver. */
  readonly dayApproval: number;
  /** More a day is refused. */
  readonly dayLimit: number;
  /** What an account can earn up to. Transfers and corrections, which two people approve, go beyond. */
  readonly accountLimit: number;
  /** The lowest balance of a resident or organisation. */
  readonly floor: number;
  /** The lowest balance of the community fund. */
  readonly fundFloor: number;
  /** What an account may redeem a day while the gateway is away. */
  readonly offlineRedeem: number;
  /** Days after which what is held can no longer be captured. */
  readonly holdDays: number;
  /** Visits of the same two people within {@link pairDays}. */
  readonly pairVisits: number;
  /** Days. */
  readonly pairDays: number;
  /** What a bare tag number may earn, and redeem, a day. */
  readonly bareEarn: number;
  readonly bareRedeem: number;
  /** After so many minutes a matter that nobody has settled goes to the next level, by its urgency. */
  readonly routineWithin: number;
  readonly soonWithin: number;
  readonly urgentWithin: number;
  /** Minutes after midnight: who has a lunch ordered and was not seen by then is looked in on; 0: nobody is. */
  readonly lookInAt: number;
  /** Fen: what a meal costs where the order does not say; 0: each has to. */
  readonly mealCost: number;
  /** What the fund welcomes an account with, once; 0: nobody is. */
  readonly welcomeGrant: number;
}

/** Of design and common practice; a site's own document changes what it names. */
export const DEFAULT_RULES: Rules = {
  version: 0,
  roundTo: 15,
  atLeast: 8,
  openFor: 240,
  dayApproval: 480,
  dayLimit: 720,
  accountLimit: 90_000,
  floor: 0,
  fundFloor: 0,
  offlineRedeem: 60,
  holdDays: 30,
  pairVisits: 20,
  pairDays: 30,
  bareEarn: 240,
  bareRedeem: 60,
  routineWithin: 4_320,
  soonWithin: 1_440,
  urgentWithin: 60,
  lookInAt: 780,
  mealCost: 0,
  welcomeGrant: 120,
};

type Setting = Exclude<keyof Rules, 'version'>;

/** Keys in the document. A key that is not listed is of a later version and ignored. */
const KEYS: Readonly<Record<Setting, number>> = {
  roundTo: 1,
  atLeast: 2,
  openFor: 3,
  dayApproval: 4,
  dayLimit: 5,
  accountLimit: 6,
  floor: 7,
  fundFloor: 8,
  offlineRedeem: 9,
  holdDays: 10,
  pairVisits: 11,
  pairDays: 12,
  bareEarn: 13,
  bareRedeem: 14,
  routineWithin: 15,
  soonWithin: 16,
  urgentWithin: 17,
  lookInAt: 18,
  mealCost: 19,
  welcomeGrant: 20,
};
const SETTINGS = Object.keys(KEYS) as Setting[];
/** A year: nothing that goes by days looks back further. */
const MOST_DAYS = 366;

export function rulesBody(rules: Partial<Omit<Rules, 'version'>>): CborMap {
  return entries(...SETTINGS.map((name): [number, number | undefined] => [KEYS[name], rules[name]]));
}

/** @throws CborError `cbor/shape` for what cannot be gone by */
export function readRules(version: number, body: CborMap): Rules {
  const fields = Fields.of(body, 'rules');
  const rules: Rules = { ...DEFAULT_RULES, version };
  const read = Object.fromEntries(
    SETTINGS.flatMap((name) => (fields.has(KEYS[name]) ? [[name, fields.int(KEYS[name])]] : [])),
  ) as Partial<Rules>;
  const all = { ...rules, ...read };
  for (const name of SETTINGS) {
    const value = all[name];
    const isFloor = name === 'floor' || name === 'fundFloor';
    if (isFloor ? value > 0 : value < 0) throw wrong(`${name} is ${value}`);
  }
  if (all.roundTo < 1 || all.roundTo > 60) throw wrong(`rounding to ${all.roundTo} minutes`);
  if (all.dayLimit < all.dayApproval) throw wrong('the limit of a day is below what needs an approver');
  if (Math.min(all.routineWithin, all.soonWithin, all.urgentWithin) < 1)
    throw wrong('a matter that goes to the next level at once');
  if (all.lookInAt >= 1_440) throw wrong('a day that ends before anybody is missed');
  if (all.openFor > 1_440) throw wrong('a visit of more than a day');
  if (all.holdDays > MOST_DAYS || all.pairDays > MOST_DAYS)
    throw wrong('rules that look back more than a year');
  return all;
}

function wrong(why: string): CborError {
  return new CborError('cbor/shape', `rules that nothing can be posted by: ${why}`);
}

/** Whole minutes as they are posted: to the nearest multiple, halves up; 0 for what is too short. */
export function rounded(minutes: number, { roundTo, atLeast }: Rules): number {
  return minutes < atLeast ? 0 : Math.max(roundTo, Math.floor((minutes + roundTo / 2) / roundTo) * roundTo);
}
