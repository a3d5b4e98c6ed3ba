import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { cityTopics } from './topics.js';
import { CountedNames, HeldLink, MemoryLog, MemoryTable } from './uplink.test.support.js';
import { UrgentLane } from './urgent-lane.js';

const TOPICS = cityTopics('dahaiyang', 'gw-1', '');

function open(log = new MemoryLog(), table = new MemoryTable()) {
  const timers = new ManualTimers();
  const counters = new CountedNames();
  const failures: Error[] = [];
  const saveFailed = (error: Error): void => {
    failures.push(error);
  };
  const lane = new UrgentLane({ source: log, topics: TOPICS, table, timers, counters, saveFailed });
  return { lane, log, table, timers, counters, failures };
}

describe('calls for help on their way up', () => {
  it('go at once, and are owed until they are confirmed', () => {
    const { lane, log, table } = open();
    const link = new HeldLink();
    lane.attach(link, 0);
    lane.committed([log.add('punch'), log.add('request')]);
    expect(link.topics).toEqual([TOPICS.event('request')]);
    expect([lane.waiting, table.urgent()]).toEqual([1, [2]]);
    link.sent[0]?.confirm();
    expect([lane.waiting, table.urgent()]).toEqual([0, []]);
  });

  it('wait for a connection over a restart, and go before anything else', () => {
    const first = open();
    first.log.fill(4);
    first.lane.committed([first.log.add('request')]);
    const second = open(first.log, first.table);
    const link = new HeldLink();
    second.lane.attach(link, 0);
    expect(link.sent.map(({ payload }) => payload)).toEqual([first.log.events[4]?.message]);
  });

  it('are sent again at the next connection when they were not confirmed', () => {
    const { lane, log } = open();
    const lost = new HeldLink();
    lane.attach(lost, 0);
    lane.committed([log.add('request')]);
    lane.detach();
    const next = new HeldLink();
    lane.attach(next, 0);
    expect(next.topics).toEqual([TOPICS.event('request')]);
  });

  it('are not sent again when they went up in their turn meanwhile', () => {
    const { lane, log, table } = open();
    lane.committed([log.add('request')]);
    const link = new HeldLink();
    lane.attach(link, 1);
    expect([link.sent.length, lane.waiting, table.urgent()]).toEqual([0, 0, []]);
  });

  it('do not overtake in a flood: beyond 256 they go in their turn', () => {
    const { lane, log, counters } = open();
    for (let i = 0; i < 300; i++) lane.committed([log.add('request')]);
    expect(lane.waiting).toBe(256);
    expect(counters.names).toEqual(Array<string>(44).fill('uplink/urgent-full'));
  });

  it('go up even when the disk does not take that they are owed', () => {
    const { lane, log, table, failures } = open();
    table.broken = true;
    const link = new HeldLink();
    lane.attach(link, 0);
    lane.committed([log.add('request')]);
    expect([link.sent.length, failures.length]).toEqual([1, 1]);
  });
});

describe('hints of calls that were heard in the air', () => {
  it('go at once where there is a connection', () => {
    const { lane } = open();
    const link = new HeldLink();
    lane.attach(link, 0);
    lane.hint('{"device":"band-1"}');
    expect(link.sent).toMatchObject([{ topic: TOPICS.help, payload: '{"device":"band-1"}', retain: false }]);
  });

  it('wait for one, but not for longer than somebody may still be on the floor', () => {
    const { lane, timers, counters } = open();
    lane.hint('first');
    timers.advance(40_000);
    lane.hint('second');
    timers.advance(30_000);
    const link = new HeldLink();
    lane.attach(link, 0);
    expect(link.sent.map(({ payload }) => payload)).toEqual(['second']);
    expect([lane.waiting, counters.names]).toEqual([0, ['uplink/hint-dropped@too late']]);
  });

  it('keep the newest sixteen', () => {
    const { lane } = open();
    for (let i = 1; i <= 20; i++) lane.hint(String(i));
    const link = new HeldLink();
    lane.attach(link, 0);
    expect(link.sent.map(({ payload }) => payload)).toEqual(Array.from({ length: 16 }, (_, i) => `${i + 5}`));
  });
});
