/** Lunches in a real database, from the bytes of records that devices could have logged. */
import { CATEGORY, KIND, type Meal, mealBody, requestBody, tagId, toHex } from '@timeband/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Community,
  enrol,
  type Logged,
  MORNING,
  punch,
  sixteen,
  UID,
  visit,
} from '../ledger/community.test.support.js';
import { raiseId } from '../matters/index.js';
import { Kitchen } from './index.js';

const SITE = 'dahaiyang';
const ONE_O_CLOCK = 5 * 60; // minutes after MORNING, which is 08:00 where the site is
const TODAY = Math.floor((MORNING + 8 * 3_600) / 86_400);
const NAMES = ['wang', 'li', 'zhao', 'sun'];

const meal = (minute: number, phase: Meal['phase'], id: number, more: Partial<Meal> = {}): Logged => ({
  ...{ minute, kind: KIND.meal },
  body: mealBody({
    ...{ meal: sixteen(id), phase, date: TODAY, slot: 'lunch' },
    ...(phase === 'collected' ? {} : { assisted: 'office' }),
    ...more,
  }),
});
const order = (minute: number, id: number, account: string, more: Partial<Meal> = {}): Logged =>
  meal(minute, 'ordered', id, { account, cost: 800, ...more });
/** At a reader, which knows nothing of orders. */
const collect = (minute: number, tag: number, id = 100 + minute): Logged => ({
  ...meal(minute, 'collected', id, { proof: { kind: 'uid', uid: UID(tag) } }),
  ...{ band: tagId(UID(tag)), evidence: 1 },
});
const deliver = (minute: number, id: number, courier: string): Logged =>
  meal(minute, 'delivered', id, { courier });

describe('the lunch list', () => {
  let community: Community;
  let kitchen: Kitchen;
  beforeEach(() => {
    community = new Community();
    open();
    community.publish('a', ...NAMES.map((name, i) => enrol(i, tagId(UID(i + 1)), name)));
  });
  afterEach(() => {
    community.close();
  });
  const open = (): void => {
    const { store, ledger, matters } = community;
    kitchen = new Kitchen({ site: SITE, store, ledger, matters });
  };
  const at = (minute: number): number => MORNING + minute * 60;
  const day = (of = kitchen) => of.day(TODAY, 'lunch');
  const phases = () => day().meals.map(({ account, phase }) => `${account} ${phase}`);
  const refused = () => day().refused.map(({ phase, account, outcome }) => `${phase} ${account} ${outcome}`);
  const missed = (minute: number): (string | undefined)[] =>
    [...kitchen.unseen.wanted(at(minute))].flatMap((raise) => (raise === undefined ? [] : [raise.about]));

  it('follows each lunch from its order to the table', () => {
    community.publish(
      'gw-1',
      order(10, 1, 'wang'),
      order(11, 2, 'li'),
      order(12, 3, 'zhao'),
      order(13, 4, 'sun'),
    );
    community.publish('gw-1', ...[1, 2, 3].map((id) => meal(60, 'packed', id)), meal(70, 'cancelled', 4));
    community.publish('a', collect(200, 1));
    community.publish('gw-1', deliver(210, 2, 'sun'));
    expect(phases()).toEqual(['li delivered', 'sun cancelled', 'wang collected', 'zhao packed']);
    expect(day().meals[2]).toMatchObject({ cost: 800, since: at(200), by: tagId(UID(1)), evidence: 1 });
    expect(day().meals[0]).toMatchObject({ courier: 'sun', by: 'office', ordered: at(11) });
    expect(refused()).toEqual([]);
  });

  it('serves no meal twice, none that nobody ordered and none to another band, and says why', () => {
    community.publish('gw-1', order(10, 1, 'wang'), order(11, 2, 'li'), order(12, 3, 'wang'));
    community.publish('gw-1', meal(60, 'packed', 1), deliver(70, 2, 'sun'), meal(80, 'packed', 2));
    community.publish(
      'a',
      collect(200, 3),
      collect(210, 9),
      collect(220, 2, 1),
      collect(230, 1),
      collect(240, 1),
    );
    community.publish('a', { ...collect(241, 2), doubted: true });
    community.publish('gw-1', deliver(250, 1, 'sun'), deliver(251, 2, 'li'));
    expect(phases()).toEqual(['li packed', 'wang collected']);
    expect(refused()).toEqual([
      ...[
        'ordered wang again',
        'delivered li order',
        'collected zhao unordered',
        'collected undefined unknown',
      ],
      ...['collected wang other', 'collected wang twice', 'collected li doubted'],
      ...['delivered wang twice', 'delivered li self'],
    ]);
  });

  it('takes a new order after one was cancelled', () => {
    community.publish(
      'gw-1',
      order(1, 1, 'wang'),
      meal(2, 'cancelled', 1),
      order(3, 2, 'wang', { cost: 500 }),
    );
    community.publish('gw-1', meal(4, 'packed', 1), meal(5, 'packed', 2));
    expect(day().meals).toMatchObject([{ phase: 'packed', cost: 500, ordered: at(3) }]);
    expect(refused()).toEqual(['packed wang unordered']);
  });

  it('comes to the same in any order of arrival, and after a restart', () => {
    const all: readonly (readonly [string, Logged])[] = [
      ...[order(10, 1, 'wang'), order(11, 2, 'li'), meal(20, 'packed', 1), meal(21, 'packed', 2)],
      ...[
        deliver(100, 2, 'sun'),
        order(12, 3, 'wang'),
        meal(110, 'cancelled', 1),
        collect(105, 1),
        collect(106, 1),
      ],
    ].map((logged, i) => [String.fromCharCode(98 + i), logged]);
    const told = (of: Kitchen) => {
      const { meals, refused: not } = day(of);
      return { meals, not: not.map(({ phase, at: when, outcome }) => [phase, when, outcome]) };
    };
    for (const [log, one] of all) community.publish(log, one);
    const expected = told(kitchen);
    expect(expected.meals).toMatchObject([{ phase: 'delivered' }, { phase: 'collected' }]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...all], { minLength: all.length }), (shuffled) => {
        const other = new Community();
        try {
          other.publish('a', ...NAMES.map((name, i) => enrol(i, tagId(UID(i + 1)), name)));
          for (const [log, one] of shuffled) other.publish(log, one);
          other.restart();
          const { store, ledger, matters } = other;
          expect(told(new Kitchen({ site: SITE, store, ledger, matters }))).toEqual(expected);
        } finally {
          other.close();
        }
      }),
      { numRuns: 10 },
    );
  });

  it('costs fen and moves no minute', () => {
    const { ledger, store } = community;
    const before = [ledger.digest(), store.ledger.newestEntry];
    community.publish(
      'gw-1',
      order(10, 1, 'wang'),
      order(11, 2, 'li'),
      meal(12, 'packed', 1),
      meal(13, 'packed', 2),
    );
    community.publish('a', collect(200, 1));
    community.publish('gw-1', deliver(210, 2, 'sun'));
    expect([ledger.digest(), store.ledger.newestEntry]).toEqual(before);
    for (const name of NAMES) expect(ledger.balance(name).minutes).toBe(0);
  });

  it('adds up a month by account and by day', async () => {
    const tomorrow = { date: TODAY + 1 };
    community.publish('gw-1', order(10, 1, 'wang'), order(11, 2, 'li'), meal(60, 'packed', 1));
    community.publish('a', collect(200, 1));
    community.publish(
      'gw-1',
      order(20, 3, 'wang', { ...tomorrow, cost: 1_000 }),
      order(21, 4, 'li', tomorrow),
    );
    community.publish('gw-1', meal(22, 'cancelled', 4, tomorrow), order(23, 5, 'li', { slot: 'dinner' }));
    const { accounts, days } = await kitchen.month(TODAY, TODAY + 31, 'lunch');
    expect(accounts).toMatchObject([
      { account: 'li', meals: 1, collected: 0, waiting: 1, cancelled: 1, fen: 800 },
      { account: 'wang', meals: 2, collected: 1, waiting: 1, cancelled: 0, fen: 1_800 },
    ]);
    expect(days).toMatchObject([
      { date: TODAY, meals: 2, fen: 1_600 },
      { date: TODAY + 1, meals: 1, fen: 1_000 },
    ]);
    expect(await kitchen.month(TODAY + 2, TODAY + 31, 'lunch')).toEqual({ accounts: [], days: [] });
  });

  it('names who is on shift in the kitchen, and nobody who forgot to leave', () => {
    for (const [tag, service, minute] of [
      [1, 602, 30],
      [2, 101, 40],
      [9, 603, 50],
    ] as const) {
      const time = { earliest: at(minute), latest: at(minute) };
      community.store.visits.put({ band: tagId(UID(tag)), service, time });
    }
    expect(kitchen.helpers(at(100))).toEqual([
      { band: tagId(UID(1)), account: 'wang', service: 602, since: at(30) },
      { band: tagId(UID(9)), account: undefined, service: 603, since: at(50) },
    ]);
    expect(kitchen.helpers(at(1_000))).toEqual([]);
  });

  it('misses who neither fetched lunch nor was seen at anything by one o’clock, and nobody else', () => {
    community.publish('gw-1', ...NAMES.map((name, i) => order(10 + i, i + 1, name)));
    community.publish('gw-1', ...NAMES.map((_, i) => meal(60, 'packed', i + 1)));
    community.publish('a', collect(200, 1), punch(150, 2, 'in'));
    community.publish('b', visit(160, tagId(UID(9)), tagId(UID(3)), 7));
    expect(missed(ONE_O_CLOCK - 1)).toEqual([]);
    expect(missed(ONE_O_CLOCK)).toEqual(['sun']);
    open();
    expect(missed(ONE_O_CLOCK + 60)).toEqual(['sun']);
    const [raise] = kitchen.unseen.wanted(at(ONE_O_CLOCK));
    expect(raise).toMatchObject({ category: CATEGORY.care, urgency: 'soon', about: 'sun' });
    expect(missed(24 * 60)).toEqual([]);
  });

  it('looks through a whole day in one go after a restart, and lets others go first in between', () => {
    community.publish('a', ...Array.from({ length: 900 }, (_, i) => punch(60 + i * 0.2, 4, 'in')));
    community.publish('a', punch(250, 1, 'in'));
    community.publish('gw-1', order(10, 1, 'wang'), order(11, 4, 'sun'), order(12, 2, 'li'));
    open();
    const wanted = [...kitchen.unseen.wanted(at(ONE_O_CLOCK))].map((raise) => raise?.about);
    expect(wanted).toEqual([...new Array<undefined>(4).fill(undefined), 'li']);
    expect(missed(ONE_O_CLOCK)).toEqual(['li']);
  });

  it('does not count yesterday, nor what does not hold, as being seen', () => {
    community.publish('a', punch(-16 * 60, 1, 'in'), { ...collect(100, 2), doubted: true });
    community.publish('gw-1', order(10, 1, 'wang'), order(11, 2, 'li'));
    expect(missed(ONE_O_CLOCK)).toEqual(['li', 'wang']);
  });

  it('shows what came late, and that somebody was asked after all the same', () => {
    community.publish('gw-1', order(10, 1, 'wang'));
    const [raise] = kitchen.unseen.wanted(at(ONE_O_CLOCK));
    if (raise === undefined) expect.fail();
    const request = raiseId(SITE, raise.reason);
    const says = { request, phase: 'open', category: raise.category, level: 'grid' } as const;
    const body = requestBody({ ...says, urgency: raise.urgency, about: 'wang' });
    community.publish('gw-1', { minute: ONE_O_CLOCK, kind: KIND.request, body });
    community.publish('b', punch(120, 1, 'in'));
    expect(kitchen.lastSeen('wang', at(400))).toBe(at(120));
    expect(missed(400)).toEqual([]);
    const found = kitchen.lookedIn(TODAY, 'wang', at(400)) ?? expect.fail();
    expect([toHex(found.request), found.phase]).toEqual([toHex(request), 'open']);
  });
});
