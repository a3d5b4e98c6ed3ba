/** A short crash soak: the gateway killed at random moments, and some of what boxes live through; the rest is `npm run soak -- crash`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashSoak, noFigures } from './soak/crash/crash.js';
import { faultSoak } from './soak/crash/faults/index.js';
import { INSTALL_TIMEOUT_MS } from './support/debian.js';

const ROUNDS = 3;
/** Quick ones; what this machine does not allow is left out, and said. */
const FAULTS = ['disk-full', 'clock-back', 'slow-subscriber'];

const said: string[] = [];
const common = {
  ...{ readers: 2, radioBands: 0, tapsPerMinute: 600, hasUplink: false },
  isInterrupted: () => false,
  say: (line: string) => said.push(line),
};

describe('a gateway that is killed under load', () => {
  beforeAll(() => {
    said.length = 0;
  });
  afterAll(() => {
    const leftOut = said.filter((line) => line.includes('is left out'));
    if (leftOut.length > 0) console.warn(leftOut.join('\n'));
  });

  it('loses nothing and says nothing twice, however it ends', async () => {
    const figures = await crashSoak({ ...common, seed: 'test', rounds: ROUNDS, roundsPerSite: ROUNDS });
    expect(figures.problems).toEqual([]);
    expect(figures).toMatchObject({
      rounds: ROUNDS,
      lost: 0,
      twice: 0,
      accounts: ROUNDS + 1,
      reconciled: ROUNDS + 1,
    });
    expect(figures.records).toBeGreaterThan(20);
  }, 300_000);

  it(
    'goes on by itself after its disk was full, its clock stepped and a subscriber stalled',
    async () => {
      const figures = await faultSoak({ ...common, seed: 'test', faults: FAULTS, times: 1 }, noFigures());
      expect(figures.problems).toEqual([]);
      expect(figures).toMatchObject({ lost: 0, twice: 0, reconciled: figures.accounts });
      expect(Object.keys(figures.faults)).toContain('slow-subscriber');
    },
    300_000 + INSTALL_TIMEOUT_MS,
  );
});
