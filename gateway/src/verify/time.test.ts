import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustedInterval } from './time.js';

const seal = { boot: 3, uptime: 10_000 };
const moment = { asked: 1_800_000_000.2, answered: 1_800_000_000.3 };

describe('trusted time of a record', () => {
  it('places a record of this boot as long ago as the uptimes say', () => {
    const { earliest, latest } = trustedInterval({ boot: 3, uptime: 9_400 }, seal, moment, undefined);
    expect(earliest).toBe(1_799_999_399);
    expect(latest).toBe(1_799_999_402);
  });

  it('widens with the drift of the crystal', () => {
    const near = trustedInterval({ boot: 3, uptime: 9_999 }, seal, moment, undefined);
    const far = trustedInterval({ boot: 3, uptime: 0 }, { boot: 3, uptime: 1_000_000 }, moment, undefined);
    expect(far.latest - (far.earliest ?? 0)).toBeGreaterThan(near.latest - (near.earliest ?? 0) + 90);
  });

  it('leaves the beginning open for an earlier boot with nothing before it', () => {
    expect(trustedInterval({ boot: 2, uptime: 5 }, seal, moment, undefined)).toEqual({
      earliest: undefined,
      latest: 1_799_990_002,
    });
  });

  it('bounds a record of an earlier boot by what precedes it in the log', () => {
    expect(trustedInterval({ boot: 2, uptime: 5 }, seal, moment, 1_700_000_000).earliest).toBe(1_700_000_000);
  });

  it('always contains the true time, whatever the drift within the crystal’s limits', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50e-6, max: 50e-6, noNaN: true }),
        fc.double({ min: 0, max: 10_000_000, noNaN: true }),
        fc.double({ min: 0, max: 100_000, noNaN: true }),
        (drift, ago, bootAge) => {
          const sealedAt = 1_800_000_000.25;
          const rate = 1 + drift;
          const uptimeAtSeal = Math.floor((bootAge + ago) * rate);
          const uptimeAtRecord = Math.floor(bootAge * rate);
          const { earliest, latest } = trustedInterval(
            { boot: 3, uptime: uptimeAtRecord },
            { boot: 3, uptime: uptimeAtSeal },
            { asked: 1_800_000_000.2, answered: 1_800_000_000.3 },
            undefined,
          );
          const truth = sealedAt - ago;
          expect(earliest).toBeLessThanOrEqual(truth);
          expect(latest).toBeGreaterThanOrEqual(truth);
        },
      ),
    );
  });
});
