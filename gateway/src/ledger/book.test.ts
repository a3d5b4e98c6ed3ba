/** Histories of a small community, in every order: whatever arrives when, the same records end in the same ledger. */
import { type ActivityPhase, rosterHash } from '@timeband/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Book } from './book.js';
import type { Catalogue, Service } from './catalogue.js';
import type { Entry } from './entry.js';
import type { Fact, FactSays } from './fact.js';
import { FUND } from './judge.js';
import { MemoryBookStore } from './memory-book-store.test.support.js';
import { comparePlaces } from './place.js';
import { DEFAULT_RULES, type Rules } from './rules.js';

const NOON = 1_799_985_600; // where the site is
const HOUR = 3_600;
const names = { zh: '-', en: '-' };
const service = (code: number, asks: Service['asks'], minutes: number, redeemable = true): Service => ({
  ...{ code, asks, minutes, redeemable },
  ...{ group: 1, groupName: names, name: names, qualified: false },
});
const catalogue: Catalogue = {
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

function bookOf(rules: Partial<Rules> = {}) {
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
const by = (band: string, evidence: 0 | 1 | 2 = 1, assisted = false) => ({ band, evidence, assisted });
const punch = (minute: number, band: string, direction: 'in' | 'out', more = by(band), code = 601): Fact =>
  fact(minute, { kind: 'punch', direction, service: code, by: more });
const enrol = (minute: number, band: string, account: string, hasKey = false): Fact =>
  fact(minute, {
    ...{ kind: 'enrol', step: 'issued', account, band, hasKey, replaces: undefined },
    action: `${minute}/${band}/${account}`,
  });
const worked = (minute: number, band: string, minutes: number, more = by(band)): Fact[] => [
  punch(minute, band, 'in', more),
  punch(minute + minutes, band, 'out', more),
];
const hold = (minute: number, band: string, redemption: string, more = by(band), offline = false): Fact =>
  fact(minute, { kind: 'hold', redemption, service: 101, price: 45, catalogue: 3, offline, by: more });
const capture = (minute: number, redemption: string): Fact => fact(minute, { kind: 'capture', redemption });
const release = (minute: number, redemption: string): Fact =>
  fact(minute, { kind: 'release', redemption, reason: 'noShow' });
const transfer = (minute: number, from: string, to: string, minutes: number, action: string): Fact =>
  fact(minute, { kind: 'transfer', from, to, minutes, sort: 'gift', action });
const welcome = (minute: number, to: string, action: string, minutes = 30, from = FUND): Fact =>
  fact(minute, { kind: 'transfer', from, to, minutes, sort: 'welcome', action });
const correct = (minute: number, account: string, minutes: number, action: string): Fact =>
  fact(minute, { kind: 'correct', sort: 'amend', account, service: undefined, minutes, action });
const attest = (
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
const about = (
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
const at509 = (minute: number, band: string, direction: 'in' | 'out'): Fact =>
  punch(minute, band, direction, by(band), 509);

const outcomes = (store: MemoryBookStore, account: string) =>
  store.timeline(account).map(({ judgement }) => judgement.outcome);

describe('the book', () => {
  it('credits a visit, rounded once, from the service', () => {
    const { store, take } = bookOf();
    take([enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 50)]);
    expect(store.balance('wang')).toBe(45);
    expect(store.entries).toEqual([
      {
        event: 3,
        debit: 'service/601',
        credit: 'wang',
        minutes: 45,
        rules: 2,
        catalogue: 3,
        reverses: false,
      },
    ] satisfies Entry[]);
  });

  it('holds, captures and releases', () => {
    const { store, take } = bookOf();
    take([
      ...[
        enrol(0, 'tag-1', 'wang'),
        ...worked(10, 'tag-1', 120),
        hold(200, 'tag-1', 'r1'),
        hold(201, 'tag-1', 'r2'),
      ],
      ...[hold(202, 'tag-1', 'r3'), capture(300, 'r1'), release(301, 'r2'), capture(302, 'r2')],
    ]);
    expect(outcomes(store, 'wang').slice(2)).toEqual([
      'posted',
      'posted',
      'floor',
      'posted',
      'posted',
      'order',
    ]);
    expect(store.balance('wang')).toBe(75);
    expect(store.balance('held/wang')).toBe(0);
    expect(store.balance('service/101')).toBe(45);
  });

  it('captures what was held long before, and once', () => {
    const { store, take } = bookOf({ holdDays: 100, pairDays: 1 });
    const day = 1_440;
    take([
      ...[enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 120), hold(200, 'tag-1', 'r1')],
      ...[
        hold(201, 'tag-1', 'r2'),
        capture(200 + 99 * day, 'r1'),
        capture(300 + 99 * day, 'r1'),
        capture(300 + 101 * day, 'r2'),
      ],
    ]);
    expect(outcomes(store, 'wang').slice(4)).toEqual(['posted', 'order', 'expired']);
  });

  it('lets two bands of one account spend one balance', () => {
    const { store, take } = bookOf();
    take([
      ...[enrol(0, 'tag-1', 'wang'), enrol(0, 'tag-2', 'wang'), ...worked(10, 'tag-1', 60)],
      ...[hold(100, 'tag-1', 'r1'), hold(100, 'tag-2', 'r2')],
    ]);
    expect(outcomes(store, 'wang').slice(2)).toEqual(['posted', 'floor']);
  });

  it('takes a spending back that an earlier one, which came later, leaves no minutes for', () => {
    const { store, take } = bookOf();
    const [a, b] = [hold(200, 'tag-1', 'r1'), hold(150, 'tag-1', 'r2')];
    take([enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 60), a, capture(210, 'r1'), b]);
    expect(outcomes(store, 'wang').slice(2)).toEqual(['posted', 'floor', 'order']);
    expect([store.balance('wang'), store.balance('held/wang'), store.balance('service/101')]).toEqual([
      15, 45, 0,
    ]);
    expect(store.entries.filter(({ reverses }) => reverses)).toHaveLength(2);
  });

  it('counts an act that two bands logged once', () => {
    const { store, take } = bookOf();
    take([
      ...[enrol(0, 'band-1', 'wang', true), enrol(0, 'band-2', 'li', true)],
      ...[attest(60, 'band-1', 'band-2', 45, 'x', 'b2'), attest(60, 'band-1', 'band-2', 45, 'x', 'a1')],
    ]);
    expect(store.balance('wang')).toBe(45);
    expect(outcomes(store, 'wang')).toEqual(['posted', 'copy']);
  });

  it.each([
    [
      'an account with a band of its own that comes with a tag',
      [enrol(0, 'b', 'wang', true), enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 60)],
      ['weaker', 'weaker'],
    ],
    [
      'more than a bare tag may earn',
      [
        enrol(0, 'tag-1', 'wang'),
        ...worked(0, 'tag-1', 200, by('tag-1', 0)),
        ...worked(201, 'tag-1', 60, by('tag-1', 0)),
      ],
      ['noted', 'posted', 'noted', 'weakCap'],
    ],
    ['a visit left open', [enrol(0, 'tag-1', 'wang'), ...worked(0, 'tag-1', 241)], ['noted', 'unclosed']],
    ['hardly any time', [enrol(0, 'tag-1', 'wang'), ...worked(0, 'tag-1', 7)], ['noted', 'tooShort']],
    [
      'a second check-in',
      [enrol(0, 'tag-1', 'wang'), punch(0, 'tag-1', 'in'), punch(5, 'tag-1', 'in')],
      ['noted', 'doubleIn'],
    ],
    ['a check-out alone', [enrol(0, 'tag-1', 'wang'), punch(0, 'tag-1', 'out')], ['noIn']],
    [
      'a service that asks for more than a punch',
      [enrol(0, 't', 'wang'), punch(0, 't', 'in', by('t'), 101), punch(60, 't', 'out', by('t'), 101)],
      ['noted', 'evidence'],
    ],
    [
      'a visit to oneself',
      [enrol(0, 'b', 'wang', true), enrol(0, 'c', 'wang', true), attest(60, 'b', 'c', 45, 'x')],
      ['self'],
    ],
    ['a visit to nobody', [enrol(0, 'b', 'wang', true), attest(60, 'b', 'c', 45, 'x')], ['noRecipient']],
    [
      'more in a day than goes without an approver',
      [enrol(0, 't', 'wang'), ...worked(0, 't', 240), ...worked(241, 't', 240), ...worked(482, 't', 30)],
      ['noted', 'posted', 'noted', 'posted', 'noted', 'dayApproval'],
    ],
    [
      'more offline than may be',
      [
        enrol(0, 't', 'wang'),
        ...worked(0, 't', 240),
        hold(300, 't', 'r1', by('t'), true),
        hold(301, 't', 'r2', by('t'), true),
      ],
      ['noted', 'posted', 'posted', 'offlineCap'],
    ],
  ])('has an outcome for %s', (_, facts, expected) => {
    const { store, take } = bookOf();
    take(facts);
    expect(outcomes(store, 'wang')).toEqual(expected);
  });

  it('welcomes an account once, from the fund, however long ago that was', () => {
    const { store, take } = bookOf({ holdDays: 1, pairDays: 1 });
    take([
      ...[welcome(0, 'wang', 'early'), correct(1, FUND, 75, 'seed'), welcome(2, 'wang', 'x')],
      ...[welcome(3, 'li', 'too-much', 45), welcome(4, 'li', 'y', 30, 'wang'), welcome(5, 'li', 'z')],
      ...[welcome(100_000, 'wang', 'w'), welcome(100_002, 'zhao', 'u')],
    ]);
    // The first found the fund empty, so that it welcomed nobody.
    expect(outcomes(store, FUND)).toEqual([
      ...['floor', 'posted', 'posted', 'notWelcome', 'posted', 'welcomed', 'floor'],
    ]);
    expect([FUND, 'wang', 'li', 'zhao'].map((name) => store.balance(name))).toEqual([15, 30, 30, 0]);
  });

  describe('at an activity', () => {
    const people = () => [enrol(0, 'tag-1', 'wang'), enrol(0, 'tag-2', 'li'), enrol(0, 'tag-9', 'zhao')];
    const held = { started: 10, ended: 70, organiser: 'zhao', roster: ['tag-1', 'tag-2'] };
    const minutes = (store: MemoryBookStore) => ['wang', 'li', 'zhao'].map((name) => store.balance(name));

    it('credits who was there to check-out or its end, and the organiser for all of it', () => {
      const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
      take([
        ...[...people(), about(5, 'x', 'planned', held), about(10, 'x', 'opened', held)],
        ...[at509(8, 'tag-1', 'in'), at509(20, 'tag-2', 'in'), at509(50, 'tag-2', 'out')],
        about(75, 'x', 'closed', held),
      ]);
      // Its check-in is earlier than its time, which begins when the activity does.
      expect(minutes(store)).toEqual([60, 30, 60]);
      expect(outcomes(store, 'wang')).toEqual(['noted', 'posted']);
      expect(outcomes(store, 'li')).toEqual(['noted', 'posted', 'noted']);
    });

    it('credits nobody for more than it lasted, whoever checks out later', () => {
      const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
      take([
        ...[...people(), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in'), at509(11, 'tag-2', 'in')],
        ...[at509(74, 'tag-2', 'out'), about(75, 'x', 'closed', held), at509(200, 'tag-1', 'out')],
      ]);
      expect(minutes(store)).toEqual([59, 59, 60]);
      expect(outcomes(store, 'wang')).toEqual(['noted', 'posted', 'noIn']);
    });

    it('knows a band with a key by the key that answered, as the reader that made the roster does', () => {
      const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
      const keyed = { ...held, roster: ['key-00', 'tag-2'] };
      const answered = (one: Fact): Fact =>
        one.says.kind === 'punch' ? { ...one, says: { ...one.says, shown: 'key-00' } } : one;
      take([
        ...[...people(), about(10, 'x', 'opened', keyed), answered(at509(11, 'tag-1', 'in'))],
        ...[at509(11, 'tag-2', 'in'), about(75, 'x', 'closed', keyed)],
      ]);
      expect(minutes(store)).toEqual([59, 59, 60]);
    });

    it('begins with it for whoever had checked in before it was opened, and checks in again', () => {
      const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
      take([
        ...[...people(), at509(5, 'tag-1', 'in'), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in')],
        ...[at509(15, 'tag-1', 'in'), at509(11, 'tag-2', 'in'), about(75, 'x', 'closed', held)],
      ]);
      expect(minutes(store)).toEqual([59, 59, 60]);
      expect(outcomes(store, 'wang')).toEqual(['posted', 'doubleIn', 'noted', 'noted'].reverse());
    });

    it('moves no minutes and bothers nobody where the service asks for no more than a punch', () => {
      const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
      const cleaning = (one: Fact): Fact =>
        one.says.kind === 'activity' ? { ...one, says: { ...one.says, service: 601 } } : one;
      take([
        ...[...people(), cleaning(about(10, 'x', 'opened', held)), punch(11, 'tag-1', 'in')],
        ...[punch(60, 'tag-1', 'out'), cleaning(about(75, 'x', 'closed', held))],
      ]);
      expect(minutes(store)).toEqual([49, 0, 0]);
      expect(outcomes(store, 'zhao')).toEqual(['noted']);
    });

    it.each([
      ['a name too many', { ...held, roster: ['tag-1', 'tag-2', 'tag-3'] }],
      ['a name too few', { ...held, roster: ['tag-1'] }],
      ['another name', { ...held, roster: ['tag-1', 'tag-3'] }],
    ])('credits nobody by a roster with %s, and has people look', (_, wrong) => {
      const { store, take } = bookOf();
      take([
        ...[...people(), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in'), at509(12, 'tag-2', 'in')],
        ...[at509(60, 'tag-2', 'out'), about(75, 'x', 'closed', wrong)],
      ]);
      expect(minutes(store)).toEqual([0, 0, 0]);
      expect(outcomes(store, 'wang')).toEqual(['noted', 'roster']);
      expect(outcomes(store, 'li')).toEqual(['noted', 'roster', 'noted']);
      expect(outcomes(store, 'zhao')).toEqual(['roster']);
    });

    it.each([
      ['never opened', (): Fact[] => [about(5, 'x', 'planned', held)], 'order'],
      ['opened elsewhere', (): Fact[] => [about(10, 'x', 'opened', held, 'b2')], 'order'],
      [
        'cancelled before',
        (): Fact[] => [about(10, 'x', 'opened', held), about(30, 'x', 'cancelled', held)],
        'order',
      ],
      [
        'opened for another time',
        (): Fact[] => [about(10, 'x', 'opened', { ...held, started: 11 })],
        'order',
      ],
    ])('is closed to no effect when it was %s', (_, before, expected) => {
      const { store, take } = bookOf();
      take([
        ...[...people(), ...before(), at509(35, 'tag-1', 'in'), at509(36, 'tag-2', 'in')],
        ...[at509(60, 'tag-2', 'out'), about(75, 'x', 'closed', held)],
      ]);
      expect(minutes(store)).toEqual([0, 0, 0]);
      expect(outcomes(store, 'zhao')).toEqual([expected]);
      expect(outcomes(store, 'li')).toEqual(['noted', 'evidence']);
    });

    it('has nothing for an organiser to whom nobody came', () => {
      const { store, take } = bookOf();
      const alone = { ...held, roster: ['tag-9'] };
      take([
        ...people(),
        about(10, 'x', 'opened', alone),
        at509(11, 'tag-9', 'in'),
        about(75, 'x', 'closed', alone),
      ]);
      expect(outcomes(store, 'zhao')).toEqual(['noted', 'noRecipient', 'noted']);
      expect(minutes(store)).toEqual([0, 0, 0]);
    });
  });

  it('gives what a band did to whom it belonged then, when the enrolment comes last', () => {
    const { store, take } = bookOf();
    take([
      ...worked(10, 'tag-1', 60),
      hold(100, 'tag-1', 'r1'),
      capture(110, 'r1'),
      enrol(120, 'tag-1', 'li'),
      enrol(0, 'tag-1', 'wang'),
    ]);
    expect(store.balance('wang')).toBe(15);
    expect(store.balance('li')).toBe(0);
  });
});

const BANDS = ['tag-1', 'tag-2', 'band-3', 'band-4'];
const ACCOUNTS = ['wang', 'li', 'zhao', FUND];
/** Mostly within three days, now and then beyond all that rules look back to. */
const minute = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 4_000 }), weight: 5 },
  { arbitrary: fc.integer({ min: 0, max: 60_000 }), weight: 1 },
);
const band = fc.constantFrom(...BANDS);
const account = fc.constantFrom(...ACCOUNTS);
const few = fc.constantFrom('x', 'y', 'z');
const evidence = fc.constantFrom(0 as const, 1 as const, 2 as const);

const step: fc.Arbitrary<Fact[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(minute, band, fc.integer({ min: 1, max: 260 }), evidence)
      .map(([at, b, long, e]) => worked(at, b, long, by(b, e))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(minute, band, fc.constantFrom('in' as const, 'out' as const))
      .map(([at, b, direction]) => [punch(at, b, direction)]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(minute, band, few, evidence, fc.boolean())
      .map(([at, b, r, e, offline]) => [hold(at, b, r, by(b, e, true), offline)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(minute, few, fc.boolean())
      .map(([at, r, spent]) => [spent ? capture(at, r) : release(at, r)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(minute, account, account, fc.integer({ min: 1, max: 200 }), few)
      .filter(([, from, to]) => from !== to)
      .map(([at, from, to, m, a]) => [transfer(at, from, to, m, a)]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.oneof(minute, fc.integer({ min: 0, max: 200_000 })), account, few)
      .filter(([, to]) => to !== FUND)
      .map(([at, to, a]) => [correct(at, FUND, 40, `f${a}`), welcome(at + 1, to, `w${a}${at}`)]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(minute, account, fc.integer({ min: -100, max: 100 }), few)
      .map(([at, a, m, action]) => [correct(at, a, m, `c${action}`)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(minute, band, band, few, fc.constantFrom('a1', 'b2'))
      .map(([at, p, r, act, log]) => [attest(at, p, r, 45, act, log)]),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        at: minute,
        name: few,
        organiser: fc.constantFrom('wang', 'li', 'zhao'),
        came: fc.uniqueArray(fc.tuple(band, fc.nat(30), fc.option(fc.integer({ min: 1, max: 150 }))), {
          selector: ([b]) => b,
          maxLength: 4,
        }),
        wrong: fc.option(band, { freq: 5 }),
        end: fc.constantFrom<ActivityPhase>('closed', 'closed', 'closed', 'cancelled'),
        log: fc.constantFrom('a1', 'a1', 'a1', 'b2'),
      })
      .map(({ at, name, organiser, came, wrong, end, log }) => {
        const roster = [...came.map(([b]) => b), ...(wrong === null ? [] : [wrong])];
        const held = { started: at, ended: at + 90, organiser, roster };
        return [
          about(at, name, 'opened', held),
          ...came.flatMap(([b, late, left]) => [
            at509(at + late, b, 'in'),
            ...(left === null ? [] : [at509(at + late + left, b, 'out')]),
          ]),
          about(at + 95, name, end, held, log),
        ];
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(minute, band, account, fc.boolean()).map(([at, b, a, key]) => [enrol(at, b, a, key)]),
  },
);
const history = fc
  .array(step, { maxLength: 14 })
  .map((steps) => [
    enrol(0, 'tag-1', 'wang'),
    enrol(0, 'tag-2', 'li'),
    enrol(0, 'band-3', 'zhao', true),
    ...steps.flat(),
  ]);

/** What is left of a ledger when the order of arrival is taken away. */
function endOf(store: MemoryBookStore) {
  const timelines = [...store.newestOf.keys()].sort().map((name) => ({
    name,
    claims: store
      .timeline(name)
      .map(({ claim: { place, said }, judgement }) => ({ place, said: said.kind, ...judgement })),
  }));
  const balances = [...store.balances]
    .filter(([, minutes]) => minutes !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { timelines, balances };
}

describe('a history', () => {
  const runs = Number(process.env['TIMEBAND_HISTORIES'] ?? 1_500);

  it(
    'ends in the same ledger whatever arrives when, and breaks no rule on the way',
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(
          history.chain((facts) =>
            fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
          ),
          ([facts, shuffled]) => {
            const inOrder = bookOf();
            inOrder.take([...facts].sort((a, b) => comparePlaces(a.place, b.place)));
            const { store, take } = bookOf();
            take(shuffled);
            expect(endOf(store)).toEqual(endOf(inOrder.store));
            expectSound(store);
            expectSound(inOrder.store);
          },
        ),
        { numRuns: runs },
      );
    },
  );

  it(
    'is the same to the byte when it is taken in again, with the memory lost at any moment',
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(
          history.chain((facts) => fc.shuffledSubarray(facts, { minLength: facts.length })),
          fc.nat(20),
          (facts, lost) => {
            const once = bookOf();
            once.take(facts);
            const again = bookOf();
            facts.forEach((given, i) => {
              const arrived = { ...given, event: i + 1 };
              again.store.facts.set(i + 1, arrived);
              if (i % (lost + 1) === 0) again.restart();
              again.record(arrived);
            });
            expect(again.store.entries).toEqual(once.store.entries);
          },
        ),
        { numRuns: Math.ceil(runs / 3) },
      );
    },
  );
});

function expectSound(store: MemoryBookStore): void {
  let sum = 0;
  for (const minutes of store.balances.values()) sum += minutes;
  expect(sum).toBe(0);
  const posted = new Map<string, number>();
  for (const name of store.newestOf.keys()) {
    let balance = 0;
    for (const { claim, judgement } of store.timeline(name)) {
      const { kind } = claim.said;
      if (kind === 'hold' || kind === 'give') balance -= judgement.minutes;
      else if (kind !== 'capture') balance += judgement.minutes;
      expect(balance).toBeGreaterThanOrEqual(0);
      if (judgement.minutes !== 0) {
        // A record that closes an activity has a claim of everybody who was there.
        const key = `${name}/${claim.place.log}/${claim.place.seq}/${claim.place.part}`;
        posted.set(key, (posted.get(key) ?? 0) + 1);
      }
    }
    expect(store.balance(name)).toBe(balance);
  }
  expect([...posted.values()].filter((times) => times > 1)).toEqual([]);
  for (const [name, minutes] of store.balances)
    if (name.startsWith('held/')) expect(minutes).toBeGreaterThanOrEqual(0);
}
