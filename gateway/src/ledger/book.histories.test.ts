/** Histories of a small community, in every order: whatever arrives when, the same records end in the same ledger. */
import type { ActivityPhase } from '@timeband/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  about,
  at509,
  attest,
  bookOf,
  by,
  capture,
  correct,
  enrol,
  hold,
  punch,
  release,
  transfer,
  welcome,
  worked,
} from './book.test.support.js';
import type { Fact } from './fact.js';
import { FUND } from './judge.js';
import type { MemoryBookStore } from './memory-book-store.test.support.js';
import { comparePlaces } from './place.js';

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
