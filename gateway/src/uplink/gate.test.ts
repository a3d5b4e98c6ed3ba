import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { Gate, type GateOptions } from './gate.js';
import { MemoryTable } from './uplink.test.support.js';

/** A Wednesday in Shanghai. */
const NOON = Date.parse('2027-01-13T12:00+08:00') / 1_000;
const HOUR = 3_600;

function open(config: Partial<GateOptions['config']>, table = new MemoryTable()) {
  const timers = new ManualTimers();
  let wall = NOON;
  const gate = new Gate({
    config: { rate: { burst: 2 }, schedule: [], metered: undefined, timeZone: 'Asia/Shanghai', ...config },
    ...{ table, timers, wallClock: () => wall, saveFailed: () => undefined },
  });
  const goTo = (hours: number): void => {
    wall = NOON + hours * HOUR;
  };
  return { gate, table, timers, goTo };
}

describe('the gate before the city', () => {
  it('is open where nothing limits it', () => {
    expect(open({}).gate.hold(1_000_000)).toBeUndefined();
  });

  it('lets a burst through and then says how long the next has to wait', () => {
    const { gate, timers } = open({ rate: { messagesPerSecond: 10, burst: 2 } });
    for (let i = 0; i < 20; i++) {
      expect(gate.hold(100)).toBeUndefined();
      gate.admit(100);
    }
    expect(gate.hold(100)).toEqual({ because: 'rate', ms: 100 });
    timers.advance(100);
    expect(gate.hold(100)).toBeUndefined();
  });

  it('waits for the slower of messages and bytes', () => {
    const { gate } = open({ rate: { messagesPerSecond: 10, bytesPerSecond: 100, burst: 1 } });
    gate.admit(100);
    expect(gate.hold(50)).toEqual({ because: 'rate', ms: 500 });
  });

  it('holds everything outside its hours', () => {
    const { gate, goTo } = open({ schedule: [{ from: '22:00', to: '06:00' }] });
    expect(gate.hold(1)?.because).toBe('schedule');
    goTo(10);
    expect(gate.hold(1)).toBeUndefined();
    goTo(18);
    expect(gate.hold(1)?.because).toBe('schedule');
  });

  it('holds what the limit for the day does not cover, until midnight at the site', () => {
    const { gate, goTo } = open({ metered: { bytesPerDay: 1_000 } });
    gate.sent(900);
    expect(gate.hold(100)).toBeUndefined();
    expect(gate.hold(101)?.because).toBe('budget');
    goTo(11.99);
    expect(gate.hold(101)?.because).toBe('budget');
    goTo(12);
    expect(gate.hold(1_000)).toBeUndefined();
  });

  it('remembers over a restart what was spent today', () => {
    const first = open({ metered: { bytesPerDay: 1_000 } });
    first.gate.sent(600);
    first.gate.close();
    const second = open({ metered: { bytesPerDay: 1_000 } }, first.table);
    expect(second.gate.hold(401)?.because).toBe('budget');
    expect(second.gate.hold(400)).toBeUndefined();
  });

  it('counts what is urgent and never held, so that the rest waits the longer', () => {
    const { gate } = open({ metered: { bytesPerDay: 1_000 } });
    gate.sent(1_500);
    expect(gate.hold(1)?.because).toBe('budget');
  });
});
