/** A minute of the radio soak; `npm run soak -- radio` is the rest. */
import { describe, expect, it } from 'vitest';
import { radioSoak } from './soak/radio.js';

describe('a town on the air', () => {
  it('loses nothing, counts nothing twice and leaves nothing behind in a minute', async () => {
    const { counts, rounds, timersLeft } = await radioSoak({
      ...{ seed: 'minute', bands: 200, present: 60, roundSeconds: 20 },
      isOver: ({ virtualSeconds }) => virtualSeconds >= 60,
      say: () => undefined,
    });
    expect(counts.arrivals).toBeGreaterThan(20);
    expect(counts.published).toBeGreaterThan(50);
    expect(counts).toMatchObject({ lost: 0, duplicates: 0 });
    expect(timersLeft).toBe(0);
    expect(Math.max(...rounds.map(({ connections }) => connections))).toBeLessThanOrEqual(8);
  }, 60_000);
});
