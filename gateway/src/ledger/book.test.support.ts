/** A book in memory, and what happens in a small community: minutes count from noon of the first day. */
import { type ActivityPhase, rosterHash } from '@timeband/protocol';
import { Book } from './book.js';
import type { Catalogue, Service } from './catalogue.js';
import type { Fact, FactSays } from './fact.js';
import { FUND } from './judge.js';
import { MemoryBookStore } from './memory-book-store.test.support.js';
import { DEFAULT_RULES, type Rules } from './rules.js';

const NOON = 1_799_985_600; // where the site is
const HOUR = 3_600;
const names = { zh: '-', en: '-' };
export const service = (
  code: number,
  asks: Service['asks'],
  minutes: number,
  redeemable = true,
): Service => ({
  ...{ code, asks, minutes, redeemable },
  ...{ group: 1, groupName: names, name: names, qualified: false },
});
export const catalogue: Catalogue = {
  version: 3,
  services: new Map(
    [
      service(601, 'punch', 60, false),
      service(101, 'attestation', 45),
      service(509, 'activity', 60, false),
    ].map((s) => [s.code, s]),
  ),
};
const RULES: Rules = { ...DEFAULT_RULES, version: 2, welcomeGrant: 30 };

export function bookOf(rules: Partial<Rules> = {}) {
  const store = new MemoryBookStore();
  const policy = { rules: { ...RULES, ...rules }, catalogue };
  const options = {
    store,
    policyAt: () => policy,
    dayOf: (at: number) => Math.floor((at + 8 * HOUR) / 86_400),
  };
  let book = new Book(options);
  return {
    store,
    /** In this order of arrival. */
    take: (facts: readonly Fact[]): void => {
      facts.forEach((fact, i) => {
        const arrived = { ...fact, event: i + 1 };
        store.facts.set(i + 1, arrived);
        book.record(arrived);
      });
    },
    record: (arrived: Fact): void => {
      book.record(arrived);
    },
    restart: (): void => {
      book = new Book(options);
    },
  };
}

let seq = 0;
/** `minute` counts from noon of the first day. */
const fact = (minute: number, says: FactSays, log = 'a1'): Fact => ({
  event: 0,
  place: { at: NOON + minute * 60, log, seq: ++seq, part: 0 },
  time: { earliest: NOON + minute * 60, latest: NOON + minute * 60 },
  says,
});
export const by = (band: string, evidence: 0 | 1 | 2 = 1, assisted = false) => ({ band, evidence, assisted });
export const punch = (
  minute: number,
  band: string,
  direction: 'in' | 'out',
  more = by(band),
  code = 601,
): Fact => fact(minute, { kind: 'punch', direction, service: code, by: more });
export const enrol = (minute: number, band: string, account: string, hasKey = false): Fact =>
  fact(minute, {
    ...{ kind: 'enrol', step: 'issued', account, band, hasKey, replaces: undefined },
    action: `${minute}/${band}/${account}`,
  });
export const worked = (minute: number, band: string, minutes: number, more = by(band)): Fact[] => [
  punch(minute, band, 'in', more),
  punch(minute + minutes, band, 'out', more),
];
export const hold = (
  minute: number,
  band: string,
  redemption: string,
  more = by(band),
  offline = false,
): Fact =>
  fact(minute, { kind: 'hold', redemption, service: 101, price: 45, catalogue: 3, offline, by: more });
export const capture = (minute: number, redemption: string): Fact =>
  fact(minute, { kind: 'capture', redemption });
export const release = (minute: number, redemption: string): Fact =>
  fact(minute, { kind: 'release', redemption, reason: 'noShow' });
export const transfer = (minute: number, from: string, to: string, minutes: number, action: string): Fact =>
  fact(minute, { kind: 'transfer', from, to, minutes, sort: 'gift', action });
export const welcome = (minute: number, to: string, action: string, minutes = 30, from = FUND): Fact =>
  fact(minute, { kind: 'transfer', from, to, minutes, sort: 'welcome', action });
export const correct = (minute: number, account: string, minutes: number, action: string): Fact =>
  fact(minute, { kind: 'correct', sort: 'amend', account, service: undefined, minutes, action });
export const attest = (
  minute: number,
  provider: string,
  recipient: string,
  minutes: number,
  act: string,
  log?: string,
): Fact =>
  fact(
    minute,
    { kind: 'attest', provider, recipient, service: 101, seconds: minutes * 60, minutes, evidence: 2, act },
    log,
  );

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const idOf = (name: string): Uint8Array => new Uint8Array(16).fill(name.charCodeAt(0));
interface Held {
  readonly started: number;
  readonly ended: number;
  readonly organiser: string;
  /** Bands on the roster. */
  readonly roster: readonly string[];
}
/** A record about an activity; times are in minutes from noon. */
export const about = (
  minute: number,
  name: string,
  phase: ActivityPhase,
  { started, ended, organiser, roster }: Held,
  log?: string,
): Fact => {
  const says = {
    kind: 'activity' as const,
    ...{ activity: hex(idOf(name)), phase, service: 509, organiser, capacity: 30 },
    started: phase === 'planned' ? 0 : NOON + started * 60,
  };
  const closing = { ended: NOON + ended * 60, attended: new Set(roster).size };
  const left =
    phase === 'closed'
      ? { ...closing, roster: hex(rosterHash(idOf(name), roster)) }
      : { ended: 0, attended: 0, roster: '' };
  return fact(minute, { ...says, ...left }, log);
};
export const at509 = (minute: number, band: string, direction: 'in' | 'out'): Fact =>
  punch(minute, band, direction, by(band), 509);

export const outcomes = (store: MemoryBookStore, account: string) =>
  store.timeline(account).map(({ judgement }) => judgement.outcome);
