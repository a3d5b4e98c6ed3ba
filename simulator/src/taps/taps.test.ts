import { describe, expect, it } from 'vitest';
import { decodeRecord, KIND, readPunch, toHex } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { seededRandom } from '../random.js';
import { Bench } from '../test-support/reader.js';
import { bandsOf } from './bands.js';
import { Residents, startTaps } from './generator.js';
import { liveThrough, PastTimers } from './history.js';
import { SERVICES } from './services.js';

describe('bands', () => {
  it('are the same for the same seed, others for another, and none twice', () => {
    const uids = bandsOf('1', { from: 0, to: 99 }).map(({ uid }) => toHex(uid));
    expect(bandsOf('1', { from: 40, to: 49 }).map(({ uid }) => toHex(uid))).toEqual(uids.slice(40, 50));
    const others = bandsOf('2', { from: 0, to: 99 }).map(({ uid }) => toHex(uid));
    expect(new Set([...uids, ...others]).size).toBe(200);
  });
});

describe('residents', () => {
  it('check in for a service and out of the same one, in turn', () => {
    const residents = new Residents(bandsOf('1', { from: 0, to: 4 }), seededRandom('1'));
    const open = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      const band = residents.next();
      if (band === undefined) throw new Error('nobody came');
      const punch = residents.punch(band);
      residents.tapped(band, punch);
      const uid = toHex(punch.uid);
      expect(SERVICES).toContain(punch.service);
      if (punch.direction === 'out') expect(open.get(uid)).toBe(punch.service);
      else expect(open.has(uid)).toBe(false);
      if (punch.direction === 'in') open.set(uid, punch.service);
      else open.delete(uid);
    }
  });

  it('stay where they are when the reader turns them away', () => {
    const [band] = bandsOf('1', { from: 0, to: 0 });
    if (band === undefined) throw new Error('no band');
    const residents = new Residents([band], seededRandom('1'));
    expect(residents.punch(band).direction).toBe('in');
    expect(residents.punch(band).direction).toBe('in');
  });

  it('tap as often a minute as they are told, on average, until stopped', () => {
    const timers = new ManualTimers();
    let taps = 0;
    const stop = startTaps({ perMinute: 30, timers, random: seededRandom('1'), tap: () => taps++ });
    timers.advance(100 * 60_000);
    expect(taps).toBeGreaterThan(2_800);
    expect(taps).toBeLessThan(3_200);
    stop();
    expect(timers.pending).toBe(0);
  });
});

describe('a history', () => {
  it('holds check-ins of half the bands, with the uptimes they had, and ends in the present', () => {
    const real = new ManualTimers(10_000_000);
    const timers = new PastTimers(real);
    timers.goTo(real.now() - 65 * 60_000);
    const bench = new Bench({ timers, wall: 1_800_000_000 });
    const random = seededRandom('1');
    const residents = new Residents(bandsOf('1', { from: 0, to: 19 }), random);
    liveThrough(60, timers, residents, random, () => {
      const band = residents.next();
      if (band === undefined) return;
      const punch = residents.punch(band);
      bench.reader.tap(punch);
      residents.tapped(band, punch);
    });
    const records = bench.records(1).map(decodeRecord);
    const punches = records.filter(({ kind }) => kind === KIND.punch);
    expect(punches.map(({ body }) => readPunch(body).direction)).toEqual(new Array(10).fill('in'));
    const uptimes = punches.map(({ uptime }) => uptime);
    expect(uptimes).toEqual([...uptimes].sort((a, b) => a - b));
    expect(Math.min(...uptimes)).toBeGreaterThanOrEqual(5 * 60);
    expect(Math.max(...uptimes)).toBeLessThanOrEqual(65 * 60);
    expect(punches[0]?.time).toEqual({ quality: 'free-running', wall: 1_800_000_000 + (uptimes[0] ?? 0) });
    expect(bench.reader.clock.uptime()).toBe(65 * 60);

    const next = Array.from({ length: 200 }, () => residents.next()).flatMap((band) =>
      band === undefined ? [] : [residents.punch(band).direction],
    );
    expect(new Set(next)).toEqual(new Set(['in', 'out']));
  });
});
