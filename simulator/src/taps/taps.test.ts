import { describe, expect, it } from 'vitest';
import {
  decodeCose,
  decodeRecord,
  KIND,
  openAnswer,
  readPunch,
  toHex,
  verifySdmMac,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { seededRandom } from '../random.js';
import { SITE } from '../test-support/gateway.js';
import { Bench } from '../test-support/reader.js';
import { BandStock } from './bands.js';
import { Residents, startTaps } from './generator.js';
import { liveThrough, PastTimers } from './history.js';
import { SERVICES } from './services.js';
import { Turns } from './turns.js';

const bands = (seed: string, from: number, to: number) =>
  new BandStock({ seed, site: SITE }).bands({ from, to });

describe('bands', () => {
  it('are the same for the same seed, others for another, and none twice', () => {
    const uids = bands('1', 0, 99).map(({ uid }) => toHex(uid));
    expect(bands('1', 40, 49).map(({ uid }) => toHex(uid))).toEqual(uids.slice(40, 50));
    const others = bands('2', 0, 99).map(({ uid }) => toHex(uid));
    expect(new Set([...uids, ...others]).size).toBe(200);
  });
});

describe('bands of three kinds', () => {
  const stockOptions = { seed: '1', site: SITE, mix: { uid: 2, sun: 1, key: 1 } };
  const stock = new BandStock({ ...stockOptions, now: 1_800_000_000 });
  const ask = { nonce: new Uint8Array(16), what: 'punch', challenger: 'reader-1', service: 101 } as const;
  const prove = (number: number) => stock.band(number).prove({ ...ask, direction: 'in' });

  it('show what they are made for, in turn', () => {
    const kinds = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => prove(number).kind);
    expect(kinds).toEqual(['uid', 'uid', 'sun', 'answer', 'uid', 'uid', 'sun', 'answer']);
  });

  it('count their taps, and begin a later run behind the earlier one', () => {
    const counter = (made: BandStock) => {
      const shown = made.band(2).prove({ ...ask, direction: 'in' });
      if (shown.kind !== 'sun') throw new Error(`a ${shown.kind}`);
      return shown.counter;
    };
    const first = counter(stock);
    expect(counter(stock)).toBe(first + 1);
    const later = new BandStock({ ...stockOptions, now: 1_800_000_600 });
    expect(counter(later)).toBeGreaterThan(first + 1);
  });

  it('show a tag’s MAC and an answer that hold under their keys', () => {
    const sun = prove(2);
    if (sun.kind !== 'sun') throw new Error(`a ${sun.kind}`);
    verifySdmMac(stock.tagKey(2), sun, sun.mac);
    const answer = prove(3);
    if (answer.kind !== 'answer') throw new Error(`a ${answer.kind}`);
    const opened = openAnswer(decodeCose(answer.message), stock.key(3).publicKey, SITE);
    expect(opened).toMatchObject({ ...ask, direction: 'in' });
  });
});

describe('residents', () => {
  it('check in for a service and out of the same one, in turn', () => {
    const residents = new Residents(bands('1', 0, 4), seededRandom('1'), 'reader-1');
    const open = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      const band = residents.next();
      if (band === undefined) throw new Error('nobody came');
      const punch = residents.punch(band);
      residents.tapped(band, punch);
      const uid = toHex(band.uid);
      expect(SERVICES).toContain(punch.service);
      if (punch.direction === 'out') expect(open.get(uid)).toBe(punch.service);
      else expect(open.has(uid)).toBe(false);
      if (punch.direction === 'in') open.set(uid, punch.service);
      else open.delete(uid);
    }
  });

  it('stay where they are when the reader turns them away', () => {
    const [band] = bands('1', 0, 0);
    if (band === undefined) throw new Error('no band');
    const residents = new Residents([band], seededRandom('1'), 'reader-1');
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

describe('turns', () => {
  it('go to those who waited longest, and to nobody who cannot come', () => {
    const turns = new Turns([1, 2, 3, 4], seededRandom('1'));
    for (let i = 0; i < 100; i++) expect([1, 2]).toContain(turns.next());
    for (let i = 0; i < 100; i++) expect(turns.next((who) => who > 2)).toBe(3);
    turns.taken(3);
    expect(turns.everybody).toEqual([1, 2, 4, 3]);
    expect(turns.next(() => false)).toBeUndefined();
  });
});

describe('a history', () => {
  it('holds check-ins of half the bands, with the uptimes they had, and ends in the present', () => {
    const real = new ManualTimers(10_000_000);
    const timers = new PastTimers(real);
    timers.goTo(real.now() - 65 * 60_000);
    const bench = new Bench({ timers, wall: 1_800_000_000 });
    const random = seededRandom('1');
    const residents = new Residents(bands('1', 0, 19), random, 'reader-1');
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
