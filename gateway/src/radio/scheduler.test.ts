import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, choose, MAX_STRANGERS, retryAt } from './scheduler.js';

const LIMITS = { connections: 8, acceptList: 16 };
const FREE = { connections: 0, strangers: 0 };
const NOW = 1_000_000;
/** The accept list takes a while to change. */
const MOMENTS = { now: NOW, begins: NOW + 25 };
const SOON = NOW + 30;

function candidate(key: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    ...{ key, isKnown: true, isHelp: false, isFull: false },
    ...{ heardAt: NOW, nextAt: SOON, waitingSince: NOW - 1_000, failures: 0, failedAt: 0 },
    ...changes,
  };
}

const candidates = fc
  .uniqueArray(
    fc.record({
      key: fc.string({ minLength: 1, maxLength: 6 }),
      isKnown: fc.boolean(),
      isHelp: fc.boolean(),
      isFull: fc.boolean(),
      heardAt: fc.integer({ min: NOW - 60_000, max: NOW }),
      nextAt: fc.option(fc.integer({ min: SOON, max: NOW + 400 }), { nil: undefined }),
      waitingSince: fc.integer({ min: 0, max: NOW }),
      failures: fc.integer({ min: 0, max: 40 }),
      failedAt: fc.integer({ min: NOW - 100_000, max: NOW }),
    }),
    { selector: ({ key }) => key, maxLength: 60 },
  )
  // A stranger's advert says nothing that anybody could read.
  .map((all) => all.map((one) => (one.isKnown ? one : { ...one, isHelp: false, isFull: false })));
const occupancies = fc
  .record({ connections: fc.integer({ min: 0, max: 8 }), strangers: fc.integer({ min: 0, max: 2 }) })
  .filter(({ connections, strangers }) => strangers <= connections);

describe('the schedule', () => {
  it('never names more than the accept list holds, nobody twice, and only who is near, expected and not backing off', () => {
    fc.assert(
      fc.property(candidates, occupancies, (all, occupancy) => {
        const { keys: chosen, from, until } = choose(all, MOMENTS, occupancy, LIMITS);
        expect(chosen.length).toBeLessThanOrEqual(LIMITS.acceptList);
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const key of chosen) {
          const one = all.find((other) => other.key === key);
          expect(NOW - (one?.heardAt ?? 0)).toBeLessThanOrEqual(30_000);
          if (one?.isHelp !== true && one?.nextAt !== undefined) {
            expect(one.nextAt).toBeGreaterThanOrEqual(from);
            expect(one.nextAt).toBeLessThanOrEqual(until);
          }
          expect(one === undefined ? Infinity : retryAt(one)).toBeLessThanOrEqual(NOW);
        }
      }),
    );
  });

  it('keeps one connection for help: without it the last one stays free', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const { keys: chosen } = choose(all, MOMENTS, { connections: 7, strangers: 0 }, LIMITS);
        expect(chosen.every((key) => all.find((one) => one.key === key)?.isHelp)).toBe(true);
        expect(choose(all, MOMENTS, { connections: 8, strangers: 0 }, LIMITS).keys).toEqual([]);
      }),
    );
  });

  it('lets devices that cannot be verified share at most two connections', () => {
    fc.assert(
      fc.property(candidates, occupancies, (all, occupancy) => {
        const strangers = choose(all, MOMENTS, occupancy, LIMITS).keys.filter(
          (key) => all.find((one) => one.key === key)?.isKnown === false,
        );
        expect(strangers.length + occupancy.strangers).toBeLessThanOrEqual(MAX_STRANGERS);
      }),
    );
  });

  it('names help first whoever else is there, unless there are more calls than places for them', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const calling = candidate('help!!!', { isHelp: true, waitingSince: -1 });
        expect(choose([...all, calling], MOMENTS, FREE, LIMITS).keys[0]).toBe('help!!!');
      }),
    );
  });

  it('puts full flashes before others, and who has waited longest before who came last', () => {
    const [patient, fresh] = [candidate('patient', { waitingSince: 0 }), candidate('fresh')];
    const full = candidate('full', { isFull: true });
    expect(choose([fresh, patient, full], MOMENTS, FREE, LIMITS).keys).toEqual(['full', 'patient', 'fresh']);
  });

  it('listens for those who advertise next, and no longer than for the last of them', () => {
    const crowd = Array.from({ length: 100 }, (_, i) =>
      candidate(`band-${i}`, { nextAt: SOON + i, waitingSince: 100 - i }),
    );
    const { keys, from, until } = choose(crowd, MOMENTS, FREE, LIMITS);
    expect(keys.slice(0, 12)).toEqual(crowd.slice(0, 12).map(({ key }) => key));
    expect(from).toBe(SOON - 15);
    expect(until).toBeLessThanOrEqual(MOMENTS.begins + 80 + 15);
  });

  it('listens for nobody while nobody is about to advertise, and says how many wait', () => {
    const later = candidate('later', { nextAt: NOW + 500 });
    expect(choose([later], MOMENTS, FREE, LIMITS)).toMatchObject({ keys: [], waiting: 1 });
    expect(choose([], MOMENTS, FREE, LIMITS)).toMatchObject({ keys: [], waiting: 0 });
  });

  it('listens for a while for whom nothing is foretold', () => {
    const { keys, until } = choose([candidate('odd', { nextAt: undefined })], MOMENTS, FREE, LIMITS);
    expect(keys).toEqual(['odd']);
    expect(until - MOMENTS.begins).toBeGreaterThanOrEqual(80);
  });

  it('starves nobody: behind any number of urgent ones everybody is named in the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 17, max: 60 }), (patient, urgent) => {
        const waiting = new Map(Array.from({ length: patient }, (_, i) => [`patient-${i}`, i]));
        for (let round = 0; waiting.size > 0 && round < 100; round++) {
          const all = [
            ...Array.from({ length: urgent }, (_, i) => candidate(`help-${i}`, { isHelp: true })),
            ...Array.from(waiting, ([key, waitingSince]) => candidate(key, { waitingSince })),
          ];
          for (const key of choose(all, MOMENTS, FREE, LIMITS).keys) waiting.delete(key);
        }
        expect([...waiting.keys()]).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('backs off ever longer from who fails, up to a minute, and up to 4 s from a call for help', () => {
    const waits = (isHelp: boolean) =>
      [1, 2, 3, 4, 7, 40].map((failures) => retryAt({ failures, failedAt: 0, isHelp }));
    expect(waits(false)).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000]);
    expect(waits(true)).toEqual([1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
  });
});
