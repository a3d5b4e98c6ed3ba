import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdvertPhase, heardAgain, nextAdvert } from './phase.js';

/** Hears a share of the adverts of a device with this interval; the phase afterwards, and when it advertises next. */
function listen(intervalMs: number, heard: readonly boolean[], jitter: readonly number[]) {
  let phase: AdvertPhase | undefined;
  let at = 5_000;
  for (const [i, isHeard] of heard.entries()) {
    if (isHeard) phase = heardAgain(phase, at);
    at += intervalMs + (jitter[i] ?? 0);
  }
  return { phase, next: at };
}

const jitters = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 60, maxLength: 60 });
const halves = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 });

describe('the phase of adverts', () => {
  it('is known to within 60 ms for a usual device of which every second advert is heard', () => {
    fc.assert(
      fc.property(halves, jitters, (heard, jitter) => {
        const { phase, next } = listen(1_000, [...heard, true], jitter);
        expect(Math.abs(nextAdvert(phase ?? expect.fail(), next - 500) - next)).toBeLessThan(60);
      }),
    );
  });

  it('follows a device that advertises faster than usual', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 800 }), jitters, (interval, jitter) => {
        const heard = Array.from({ length: 60 }, () => true);
        const { phase } = listen(interval, heard, jitter);
        expect(phase?.intervalMs).toBeGreaterThan(interval * 0.9);
        expect(phase?.intervalMs).toBeLessThan(interval * 1.1 + 10);
      }),
    );
  });

  it('is never in the past, and nothing that is heard makes it useless', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 50 }), (gaps) => {
        let phase = heardAgain(undefined, 0);
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          phase = heardAgain(phase, now);
          expect(nextAdvert(phase, now)).toBeGreaterThanOrEqual(now);
          expect(phase.intervalMs).toBeGreaterThanOrEqual(14);
          expect(phase.intervalMs).toBeLessThan(1e4);
        }
      }),
    );
  });
});
