import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustedInterval, trustedTimes, type DeviceMoment, type Oscillator } from './trusted-time.js';

const seal = { boot: 3, uptime: 10_000 };
const moment = { asked: 1_800_000_000.2, answered: 1_800_000_000.3 };

describe('trusted time of a record', () => {
  it('places a record of this boot as long ago as the uptimes say', () => {
    const { earliest, latest } = trustedInterval({ boot: 3, uptime: 9_400 }, seal, moment);
    expect(earliest).toBe(1_799_999_399);
    expect(latest).toBe(1_799_999_402);
  });

  it('is never later than the seal that covers it', () => {
    expect(trustedInterval(seal, seal, moment).latest).toBe(1_800_000_001);
  });

  it('widens with the drift of the oscillator: ten times as fast without a crystal', () => {
    const width = (oscillator: Oscillator): number => {
      const far = { boot: 3, uptime: 1_000_000 };
      const { earliest = 0, latest } = trustedInterval({ boot: 3, uptime: 0 }, far, moment, { oscillator });
      return latest - earliest;
    };
    expect(width('crystal')).toBeGreaterThanOrEqual(100);
    expect(width('crystal')).toBeLessThan(105);
    expect(width('rc')).toBeGreaterThanOrEqual(1_000);
    expect(width('rc')).toBeLessThan(1_005);
  });

  it('leaves the beginning open for an earlier boot with nothing before it', () => {
    expect(trustedInterval({ boot: 2, uptime: 5 }, seal, moment)).toEqual({
      earliest: undefined,
      latest: 1_799_990_002,
    });
  });

  it('bounds a record of an earlier boot by what precedes it in the log', () => {
    const { earliest } = trustedInterval({ boot: 2, uptime: 5 }, seal, moment, { floor: 1_700_000_000 });
    expect(earliest).toBe(1_700_000_000);
  });

  it('bounds a record of an earlier boot by what follows it: by that boot’s length before the next began', () => {
    const records = [
      { boot: 2, uptime: 100 },
      { boot: 2, uptime: 4_100 },
      { boot: 3, uptime: 0 },
    ];
    const { intervals } = trustedTimes(records, seal, moment);
    expect(intervals[1]?.latest).toBe(1_799_990_002);
    expect(intervals[0]?.latest).toBe(1_799_986_003);
  });

  it('bounds a record from below by an earlier one of the same start and the time between them', () => {
    const records = [
      { boot: 2, uptime: 100 },
      { boot: 2, uptime: 4_100 },
    ];
    const { intervals, floor } = trustedTimes(records, seal, moment, { floor: 1_799_000_000 });
    expect(intervals.map((interval) => interval.earliest)).toEqual([1_799_000_000, 1_799_003_998]);
    expect(floor).toBe(1_799_003_998);
  });

  it('carries its floor through records that say nothing', () => {
    const { intervals, floor } = trustedTimes([undefined, { boot: 2, uptime: 1 }, undefined], seal, moment, {
      floor: 1_799_000_000,
    });
    expect(intervals.map((interval) => interval.earliest)).toEqual([undefined, 1_799_000_000, undefined]);
    expect(floor).toBe(1_799_000_000);
  });

  it.each<[string, DeviceMoment]>([
    ['of a later start than its seal', { boot: 4, uptime: 0 }],
    ['of a later second than its seal', { boot: 3, uptime: 10_001 }],
  ])('is open below for a record %s', (_, record) => {
    const { intervals } = trustedTimes([record, { boot: 3, uptime: 9_000 }], seal, moment, { floor: 5 });
    expect(intervals[0]).toEqual({ earliest: undefined, latest: 1_800_000_001 });
    expect(intervals[1]?.earliest).toBe(1_799_998_999);
  });

  it('is open below where the bounds contradict each other, and the floor is given up', () => {
    const stepped = trustedTimes([{ boot: 3, uptime: 9_000 }], seal, moment, { floor: 1_900_000_000 });
    expect(stepped).toEqual({
      intervals: [{ earliest: undefined, latest: 1_799_999_002 }],
      floor: undefined,
    });
  });

  it('stays within what a message can carry, whatever uptimes a device claims', () => {
    const liar = { boot: 3, uptime: 0xffff_ffff };
    for (const record of [
      { boot: 3, uptime: 0 },
      { boot: 2, uptime: 0xffff_ffff },
    ]) {
      const { earliest = 0, latest } = trustedInterval(record, liar, moment);
      expect(earliest).toBeGreaterThanOrEqual(0);
      expect(latest).toBeGreaterThanOrEqual(0);
    }
  });

  it.each([
    ['crystal', 50e-6],
    ['rc', 500e-6],
  ] as const)(
    'always contains the true time, whatever the drift within the limits of its %s',
    (oscillator, limit) => {
      const span = fc.double({ min: 0, max: 1_000_000, noNaN: true });
      fc.assert(
        fc.property(
          fc.double({ min: -limit, max: limit, noNaN: true }),
          fc.array(fc.record({ wait: span, reboots: fc.boolean() }), { minLength: 1, maxLength: 8 }),
          span,
          (drift, steps, beforeSeal) => {
            let truth = 1_700_000_000;
            let bootedAt = truth;
            let boot = 1;
            const uptime = (): number => Math.floor((truth - bootedAt) * (1 + drift));
            const happened: number[] = [];
            const records = steps.map(({ wait, reboots }) => {
              truth += wait;
              if (reboots) {
                boot++;
                bootedAt = truth;
              }
              happened.push(truth);
              return { boot, uptime: uptime() };
            });
            truth += beforeSeal;
            const { intervals } = trustedTimes(
              records,
              { boot, uptime: uptime() },
              { asked: truth - 0.05, answered: truth + 0.05 },
              { floor: 1_699_999_999, oscillator },
            );
            intervals.forEach((interval, i) => {
              expect(interval.earliest).toBeLessThanOrEqual(happened[i] ?? 0);
              expect(interval.latest).toBeGreaterThanOrEqual(happened[i] ?? Infinity);
            });
          },
        ),
      );
    },
  );
});
