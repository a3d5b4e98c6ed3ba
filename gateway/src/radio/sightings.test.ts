import {
  advertKey,
  type AdvertState,
  bandAdvertisingData,
  privateAddress,
  sealAdvert,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AddressResolver,
  type AdvertReport,
  type BandKey,
  peerAddress,
  RadioCounters,
} from '@timeband/radio';
import { PRESENCE_MS, type Sighting, Sightings } from './sightings.js';

const BANDS = 2_500;
const IDLE: AdvertState = {
  ...{ help: false, pressed: false, full: false, clockUnset: false },
  ...{ battery: 90, waiting: 0 },
};

function bytesOf(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number * 31 + i * 7 + (number >> (i % 12))) & 0xff);
}

const bands: readonly BandKey[] = Array.from({ length: BANDS }, (_, i) => ({
  device: `band-${i}`,
  irk: Uint8Array.of(i >> 8, i & 0xff, ...bytesOf(i, 14)),
}));

function report(irk: Uint8Array, prand: number, counter = 0, state: Partial<AdvertState> = {}): AdvertReport {
  const address = privateAddress(irk, bytesOf(prand, 3));
  return {
    address: peerAddress(address, true),
    data: bandAdvertisingData(sealAdvert(advertKey(irk), address, counter, { ...IDLE, ...state })),
    ...{ isConnectable: true, rssi: -60 },
  };
}

function irkOf(index: number): Uint8Array {
  return bands[index]?.irk ?? expect.fail();
}

describe('sightings', () => {
  let timers: ManualTimers;
  let counters: RadioCounters;
  let sightings: Sightings;
  let changes: Sighting[];

  beforeEach(() => {
    timers = new ManualTimers();
    counters = new RadioCounters();
    changes = [];
    const resolver = new AddressResolver(bands, timers);
    sightings = new Sightings({
      ...{ resolver, timers, counters },
      changed: (sighting) => changes.push(sighting),
    });
  });

  it('know each of 2,500 bands by its address under any of their keys', () => {
    for (const [i, { irk }] of bands.entries()) {
      timers.advance(10);
      sightings.hear(report(irk, i));
    }
    expect(changes.map(({ device }) => device)).toEqual(bands.map(({ device }) => device));
  });

  it('take an address for no band’s identity: the next one is the same band, and no more than two are kept', () => {
    const reports = Array.from({ length: 10 }, (_, i) => report(irkOf(7), i));
    for (const heard of reports) sightings.hear(heard);
    expect(changes.every(({ device }) => device === 'band-7')).toBe(true);
    const kept = reports.filter(({ address }) => sightings.find(address.key) !== undefined);
    expect(kept).toEqual(reports.slice(-2));
  });

  it('do not go on about a call for help that was heard under an address which the band has left', () => {
    sightings.hear(report(irkOf(7), 1, 1, { help: true }));
    timers.advance(10);
    sightings.hear(report(irkOf(7), 2, 0));
    timers.advance(10);
    expect(sightings.present().map(({ state }) => state?.help)).toEqual([false]);
  });

  it('tell what is new, and not what is said again', () => {
    sightings.hear(report(irkOf(0), 1, 0));
    sightings.hear(report(irkOf(0), 1, 0));
    sightings.hear(report(irkOf(0), 1, 1, { help: true }));
    expect(changes.map(({ state }) => state?.help)).toEqual([false, true]);
  });

  it('believe no advert that was played again from earlier, moved to another address or changed', () => {
    const help = report(irkOf(0), 1, 1, { help: true });
    sightings.hear(help);
    sightings.hear(report(irkOf(0), 1, 2));
    sightings.hear(help);
    sightings.hear({ ...report(irkOf(0), 2), data: help.data });
    expect(counters.toJSON()).toEqual({ 'advert/replayed': 1, 'advert/forged': 1 });
    expect(sightings.present().some(({ state }) => state?.help)).toBe(false);
  });

  it('hold a bounded number of strangers, however many addresses they make up', () => {
    const stranger = bytesOf(99_999, 16);
    for (let i = 0; i < 1_000; i++) {
      timers.advance(20);
      if (i % 64 === 0) sightings.present();
      const address = privateAddress(stranger, Uint8Array.of(i >> 16, i >> 8, i));
      sightings.hear({ ...report(stranger, 0), address: peerAddress(address, true) });
    }
    expect(sightings.present().length).toBeLessThanOrEqual(64);
  });

  it('do not let a flood of new addresses take the processor: a second has room for a hundred', () => {
    const stranger = bytesOf(99_999, 16);
    for (let i = 0; i < 500; i++) {
      const address = privateAddress(stranger, Uint8Array.of(i >> 16, i >> 8, i));
      sightings.hear({ ...report(stranger, 0), address: peerAddress(address, true) });
    }
    expect(counters.get('advert/over-budget')).toBe(400);
  });

  it('forget who was not heard for a minute', () => {
    sightings.hear(report(irkOf(0), 1));
    timers.advance(PRESENCE_MS);
    expect(sightings.present()).toHaveLength(1);
    timers.advance(1);
    expect(sightings.present()).toEqual([]);
  });
});
