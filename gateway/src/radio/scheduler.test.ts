import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, choose, MAX_STRANGERS, retryAt } from './scheduler.js';

const LIMITS = { connections: 8, acceptList: 16 };
const FREE = { connections: 0, strangers: 0 };
const NOW = 1_000_000;

function candidate(key: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    ...{ key, isKnown: true, isHelp: false, isFull: false, isDue: true },
    ...{ heardAt: NOW, nextAt: NOW + 500, waitingSince: NOW - 1_000, failures: 0, failedAt: 0 },
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
      isDue: fc.boolean(),
      heardAt: fc.integer({ min: NOW - 20_000, max: NOW }),
      nextAt: fc.integer({ min: NOW, max: NOW + 2_000 }),
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
  it('never names more than the accept list holds, nobody twice, and only who is due, near and not backing off', () => {
    fc.assert(
      fc.property(candidates, occupancies, (all, occupancy) => {
        const chosen = choose(all, NOW, occupancy, LIMITS);
        expect(chosen.length).toBeLessThanOrEqual(LIMITS.acceptList);
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const key of chosen) {
          const one = all.find((other) => other.key === key);
          expect(one?.isDue).toBe(true);
          expect(NOW - (one?.heardAt ?? 0)).toBeLessThanOrEqual(10_000);
          expect(one === undefined ? Infinity : retryAt(one)).toBeLessThanOrEqual(NOW);
        }
      }),
    );
  });

  it('keeps one connection for help: without it the last one stays free', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const chosen = choose(all, NOW, { connections: 7, strangers: 0 }, LIMITS);
        expect(chosen.every((key) => all.find((one) => one.key === key)?.isHelp)).toBe(true);
        expect(choose(all, NOW, { connections: 8, strangers: 0 }, LIMITS)).toEqual([]);
      }),
    );
  });

  it('lets devices that cannot be verified share at most two connections', () => {
    fc.assert(
      fc.property(candidates, occupancies, (all, occupancy) => {
        const strangers = choose(all, NOW, occupancy, LIMITS).filter(
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
        expect(choose([...all, calling], NOW, FREE, LIMITS)[0]).toBe('help!!!');
      }),
    );
  });

  it('puts full flashes before others, and who has waited longest before who came last', () => {
    const [patient, fresh] = [candidate('patient', { waitingSince: 0 }), candidate('fresh')];
    const full = candidate('full', { isFull: true });
    expect(choose([fresh, patient, full], NOW, FREE, LIMITS)).toEqual(['full', 'patient', 'fresh']);
  });

  it('prefers among many who is about to advertise', () => {
    const crowd = Array.from({ length: 100 }, (_, i) =>
      candidate(`band-${i}`, { nextAt: NOW + (i % 10) * 100, waitingSince: i }),
    );
    const chosen = choose(crowd, NOW, FREE, LIMITS);
    const imminent = chosen.filter((key) => Number(key.slice(5)) % 10 < 2);
    expect(imminent.length).toBeGreaterThanOrEqual(12);
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
          for (const key of choose(all, NOW, FREE, LIMITS)) waiting.delete(key);
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
