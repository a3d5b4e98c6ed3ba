import { fromHex, KIND, readPunch, TagReaderError } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TagReaderConfig } from '../config/index.js';
import type { OwnLog } from '../own-log/index.js';
import { entriesOf } from './entry.js';
import { Taps } from './taps.js';

const TAG = fromHex('0a00bc614e');
const OTHER = fromHex('0a00bc614f');

describe('taps at a commodity reader', () => {
  let timers: ManualTimers;
  let logged: string[];
  let open: Set<string>;
  let counted: string[];
  let log: OwnLog['log'];
  beforeEach(() => {
    timers = new ManualTimers();
    [logged, open, counted] = [[], new Set(), []];
    log = (kind, body) => {
      expect(kind).toBe(KIND.punch);
      const { direction, service, proof } = readPunch(body);
      expect(proof).toMatchObject({ kind: 'uid' });
      logged.push(`${direction} ${service}`);
      return Promise.resolve({ seq: logged.length, outcome: { outcome: 'accepted' } });
    };
  });

  const taps = (direction: TagReaderConfig['direction'] = 'toggle') =>
    new Taps({
      config: { repeatSeconds: 10 },
      entryOf: entriesOf(
        { service: 201, direction },
        {
          visits: { isOpen: (band, service) => open.has(`${band}/${service}`) },
          kitchen: { dateOf: () => 0, preview: () => ({ outcome: 'queued' }) },
          wallClock: () => 1_000,
        },
      ),
      ...{ name: 'door', timers, wallClock: () => 1_000, log: pino({ level: 'silent' }) },
      ownLog: { log: (kind, body) => log(kind, body) },
      counters: { count: (name, label = '') => counted.push(`${name} ${label}`) },
    });

  it('are one punch each, however long the tag is held there', async () => {
    const door = taps();
    for (let i = 0; i < 20; i++) {
      door.seen(TAG);
      timers.advance(65);
    }
    door.seen(OTHER);
    await door.settled();
    expect([logged, door.counts.repeated]).toEqual([['in 201', 'in 201'], 19]);
    timers.advance(10_000);
    door.seen(TAG);
    await door.settled();
    expect(logged).toHaveLength(3);
  });

  it('check out whoever is checked in, unless the settings say which way the door goes', async () => {
    open.add('tag-0a00bc614e/201');
    for (const door of [taps(), taps('in'), taps('out')]) {
      door.seen(TAG);
      door.seen(OTHER);
      await door.settled();
    }
    expect(logged).toEqual(['out 201', 'in 201', 'in 201', 'in 201', 'out 201', 'out 201']);
  });

  it('that cannot be logged are counted, and the next one is logged', async () => {
    const good = log;
    const door = taps();
    log = () => Promise.resolve(undefined);
    door.seen(TAG);
    await door.settled();
    log = () => Promise.reject(new Error('the disk is full'));
    timers.advance(20_000);
    door.seen(TAG);
    await door.settled();
    log = good;
    timers.advance(20_000);
    door.seen(TAG);
    await door.settled();
    expect([counted, logged]).toEqual([['tag-reader-lost door', 'tag-reader-lost door'], ['in 201']]);
    expect(door.counts).toMatchObject({ logged: 1, lost: 2 });
  });

  it('do not pile up while the disk hangs', () => {
    log = () => new Promise(() => undefined);
    const door = taps();
    for (let i = 0; i < 200; i++) door.seen(Uint8Array.of(10, 0, 0, 1, i));
    expect(door.counts.lost).toBe(200 - 32);
  });

  it('have their faults counted by cause', () => {
    const door = taps();
    for (let i = 0; i < 100; i++) door.fault(new TagReaderError('tag/checksum', 'noise'));
    expect([counted.length, counted[0], door.counts.faults]).toEqual([100, 'tag/checksum door', 100]);
  });
});
