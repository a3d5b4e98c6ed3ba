import { signHead } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { key, NOW, SITE } from '../receipts/test-log.test.support.js';
import { EventLane, type EventLaneOptions } from './event-lane.js';
import type { Hold } from './gate.js';
import { Progress } from './progress.js';
import { cityTopics } from './topics.js';
import { CountedNames, HeldLink, MemoryLog, MemoryTable } from './uplink.test.support.js';

const TOPICS = cityTopics(SITE, 'gw-1', '');
const HEAD_MS = 1_000;

function open(log: MemoryLog, more: Partial<EventLaneOptions> = {}, cursor = 0, isSet = true) {
  const timers = new ManualTimers();
  const link = new HeldLink();
  const table = new MemoryTable();
  table.cursor = cursor;
  const progress = new Progress({ table, timers, saveFailed: () => undefined });
  const failures: Error[] = [];
  const counters = new CountedNames();
  const clock = { isSet };
  const gate: { held: Hold | undefined; admitted: number } = { held: undefined, admitted: 0 };
  const lane = new EventLane({
    ...{ link, source: log, topics: TOPICS, progress, timers, counters },
    ...{ window: 10, json: false, headEveryMs: HEAD_MS },
    gate: {
      hold: () => gate.held,
      admit: () => {
        gate.admitted++;
      },
    },
    story: {
      ...{ epoch: 1, base: 0, rootOf: () => Promise.resolve(undefined) },
      newest: () => {
        if (!clock.isSet) return Promise.resolve(undefined);
        const says = { site: SITE, gateway: 'gw-1', epoch: 1, size: log.head, root: new Uint8Array(32) };
        const bytes = signHead(key, { ...says, issued: NOW });
        return Promise.resolve({ bytes, says: { ...says, issued: NOW } });
      },
    },
    failed: (error) => {
      failures.push(error);
    },
    ...more,
  });
  const go = (ms = 0): Promise<void> => timers.run(ms);
  lane.start();
  return { lane, link, progress, timers, failures, counters, gate, clock, go };
}

const eventsOf = ({ topics }: HeldLink): string[] => topics.filter((topic) => topic !== TOPICS.head);

describe('the event log on its way up', () => {
  it('begins with the newest head, and then sends what it covers', async () => {
    const { link, go } = open(new MemoryLog().fill(3));
    await go();
    expect(link.topics).toEqual([TOPICS.head, ...Array<string>(3).fill(TOPICS.event('punch'))]);
    expect(link.sent[0]?.retain).toBe(true);
    expect(link.sent[1]?.retain).toBe(false);
  });

  it('goes on after the last confirmed event', async () => {
    const log = new MemoryLog().fill(5);
    const { link, go } = open(log, {}, 3);
    await go();
    expect(link.sent.slice(1).map(({ payload }) => payload)).toEqual(
      log.events.slice(3).map(({ message }) => message),
    );
  });

  it('never has more unconfirmed than its window, and sends on with each confirmation', async () => {
    const { lane, link, progress, go } = open(new MemoryLog().fill(25));
    await go();
    expect([eventsOf(link).length, lane.inFlight, lane.hold]).toEqual([10, 10, 'window']);
    for (const { confirm } of link.sent.slice(1, 5)) confirm();
    await go();
    expect([eventsOf(link).length, lane.inFlight, progress.cursor]).toEqual([14, 10, 4]);
    for (let i = 5; i < link.sent.length; i++) {
      link.sent[i]?.confirm();
      await go();
    }
    expect([progress.cursor, lane.inFlight, lane.hold]).toEqual([25, 0, undefined]);
  });

  it('keeps no more bytes unconfirmed than two megabytes, whatever the window', async () => {
    const log = new MemoryLog();
    for (let i = 0; i < 100; i++) log.add('punch', new Uint8Array(100_000));
    const { link, go } = open(log, { window: 1_000 });
    await go();
    expect(eventsOf(link)).toHaveLength(21);
  });

  it('sends what came later only under a new head, at most one in its interval', async () => {
    const log = new MemoryLog().fill(1);
    const { lane, link, go } = open(log);
    await go();
    for (let i = 0; i < 3; i++) {
      log.add();
      lane.wake();
      await go(HEAD_MS / 5);
    }
    expect([eventsOf(link).length, lane.hold]).toEqual([1, 'head']);
    await go(HEAD_MS);
    expect(link.topics.slice(2)).toEqual([TOPICS.head, ...Array<string>(3).fill(TOPICS.event('punch'))]);
  });

  it('sends nothing while no head can be signed, and asks again', async () => {
    const { lane, link, clock, go } = open(new MemoryLog().fill(2), {}, 0, false);
    await go(5 * HEAD_MS);
    expect([link.sent.length, lane.hold]).toEqual([0, 'head']);
    clock.isSet = true;
    await go(HEAD_MS);
    expect(eventsOf(link)).toHaveLength(2);
  });

  it('waits as long as the gate says, and says why', async () => {
    const { lane, link, gate, go } = open(new MemoryLog().fill(2));
    gate.held = { because: 'schedule', ms: 15_000 };
    await go();
    expect([eventsOf(link).length, lane.hold]).toEqual([0, 'schedule']);
    gate.held = undefined;
    await go(14_999);
    expect(eventsOf(link)).toHaveLength(0);
    await go(1);
    expect([eventsOf(link).length, gate.admitted]).toEqual([2, 2]);
  });

  it('counts an event as confirmed once its twin is too, and sends one without a twin all the same', async () => {
    const { link, progress, counters, go } = open(new MemoryLog().fill(1), { json: true });
    await go();
    // These bytes are no event, so there is no JSON of them.
    expect([eventsOf(link), counters.names]).toEqual([[TOPICS.event('punch')], ['uplink/json']]);
    link.sent[1]?.confirm();
    expect(progress.cursor).toBe(1);
  });

  it('ends with the reason when the log cannot be read', async () => {
    const log = new MemoryLog().fill(1);
    log.read = () => {
      throw new Error('disk gone');
    };
    const { failures, go, lane } = open(log);
    await go();
    lane.wake();
    await go();
    expect(failures.map(({ message }) => message)).toContain('disk gone');
  });

  it('sends nothing any more once it is closed', async () => {
    const log = new MemoryLog().fill(1);
    const { lane, link, timers, go } = open(log);
    await go();
    log.add();
    lane.wake();
    lane.close();
    await go(10 * HEAD_MS);
    expect([eventsOf(link).length, timers.pending]).toEqual([1, 0]);
  });
});
