import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Direction, Punch } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/index.js';
import { Visits } from './visits.js';

const at = (minute: number) => ({ earliest: minute * 60 - 1, latest: minute * 60 + 1 });
const punch = (direction: Direction): Punch => ({
  direction,
  service: 101,
  proof: { kind: 'uid', uid: Uint8Array.of(1, 2, 3, 4) },
});

describe('visits', () => {
  let dir: string;
  let store: Store;
  let visits: Visits;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'visits-'));
    store = new Store(join(dir, 'gateway.db'));
    visits = new Visits(store);
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  it('counts whole minutes from check-in to check-out', () => {
    visits.apply('tag-1', punch('in'), at(0));
    expect(visits.apply('tag-1', punch('out'), at(45))).toMatchObject({ change: 'close', minutes: 45 });
  });

  it('credits nothing for a visit that was left open too long', () => {
    visits.apply('tag-1', punch('in'), at(0));
    expect(visits.apply('tag-1', punch('out'), at(241))).toMatchObject({
      change: 'close',
      minutes: undefined,
    });
  });

  it('credits nothing when the beginning of either time is open', () => {
    visits.apply('tag-1', punch('in'), { latest: 60 });
    expect(visits.apply('tag-1', punch('out'), at(45))).toMatchObject({
      change: 'close',
      minutes: undefined,
    });
  });

  it('counts nothing for taps so close that their intervals overlap, and refuses time that runs backwards', () => {
    visits.apply('tag-1', punch('in'), { earliest: 100, latest: 103 });
    expect(visits.apply('tag-1', punch('out'), { earliest: 99, latest: 102 })).toMatchObject({ minutes: 0 });
    visits.apply('tag-1', punch('in'), at(10));
    expect(visits.apply('tag-1', punch('out'), at(9))).toMatchObject({ change: 'close', minutes: undefined });
  });

  it('keeps the first of two check-ins', () => {
    visits.apply('tag-1', punch('in'), at(0));
    expect(visits.apply('tag-1', punch('in'), at(10))).toEqual({ change: 'none' });
    expect(visits.apply('tag-1', punch('out'), at(30))).toMatchObject({ minutes: 30 });
  });

  it('does nothing for a check-out without a check-in', () => {
    expect(visits.apply('tag-1', punch('out'), at(30))).toEqual({ change: 'none' });
  });

  it('previews what a tap will come to, and sees taps that are not sealed yet', () => {
    expect(visits.preview('tag-1', punch('out'), 0)).toEqual({ outcome: 'queued' });
    expect(visits.preview('tag-1', punch('in'), 0)).toEqual({ outcome: 'accepted' });
    expect(visits.preview('tag-1', punch('in'), 60)).toEqual({ outcome: 'refused', because: 'again' });
    expect(visits.preview('tag-1', punch('out'), 1800)).toEqual({ outcome: 'accepted', minutes: 30 });
    expect(visits.preview('tag-1', punch('out'), 1860)).toEqual({ outcome: 'queued' });
  });

  it('says whether a visit is open that a check-out would end, and changes nothing by being asked', () => {
    const isOpen = (minute: number) => visits.isOpen('tag-1', 101, minute * 60);
    expect(isOpen(0)).toBe(false);
    visits.preview('tag-1', punch('in'), 0);
    expect(isOpen(1)).toBe(true);
    visits.apply('tag-1', punch('in'), at(0));
    expect([isOpen(240), isOpen(241), isOpen(240)]).toEqual([true, false, true]);
    expect([visits.isOpen('tag-1', 102, 60), visits.isOpen('tag-2', 101, 60)]).toEqual([false, false]);
    visits.preview('tag-1', punch('out'), 1_800);
    expect(isOpen(31)).toBe(false);
    visits.apply('tag-1', punch('out'), at(30));
    expect(isOpen(31)).toBe(false);
  });

  it('finds the open visits again after a restart', () => {
    const change = visits.apply('tag-1', punch('in'), at(0));
    store.transaction(() => {
      visits.persist(change);
    });
    const restarted = new Visits(store);
    expect(restarted.apply('tag-1', punch('out'), at(20))).toMatchObject({ minutes: 20 });
  });

  it('forgets what a failed commit did not make durable', () => {
    visits.apply('tag-1', punch('in'), at(0));
    visits.reload();
    expect(visits.apply('tag-1', punch('out'), at(20))).toEqual({ change: 'none' });
  });
});
