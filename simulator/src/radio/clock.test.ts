import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualTimers } from '@timeband/protocol/testing';
import { EventClock, RealTime } from './clock.js';

describe('the event clock', () => {
  it('does everything in the order it is due, and what is due at once in the order it was asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (delays) => {
        const clock = new EventClock();
        const done: [number, number][] = [];
        delays.forEach((delay, index) => clock.after(delay, () => done.push([clock.now(), index])));
        clock.advance(30);
        const expected = delays
          .map((delay, index): [number, number] => [delay, index])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(done).toEqual(expected);
      }),
    );
  });

  it('does nothing that was cancelled, and forgets it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (alarms) => {
        const clock = new EventClock();
        let done = 0;
        const cancels = alarms.map(([delay]) => clock.after(delay, () => done++));
        alarms.forEach(([, isCancelled], index) => {
          if (isCancelled) cancels[index]?.();
          if (isCancelled) cancels[index]?.();
        });
        const kept = alarms.filter(([, isCancelled]) => !isCancelled).length;
        expect(clock.pending).toBe(kept);
        clock.advance(30);
        expect(done).toBe(kept);
        expect(clock.pending).toBe(0);
      }),
    );
  });

  it('does not mind that something is cancelled after it was done', () => {
    const clock = new EventClock();
    const cancels = Array.from({ length: 100 }, () => clock.after(1, () => undefined));
    clock.advance(1);
    for (const cancel of cancels) cancel();
    clock.after(1, () => undefined);
    expect(clock.pending).toBe(1);
  });

  it('lets others react to what they were handed before it goes on', async () => {
    const clock = new EventClock();
    const order: string[] = [];
    clock.after(1, () => {
      clock.handOver();
      void Promise.resolve().then(() => clock.after(1, () => order.push('reaction')));
    });
    clock.after(3, () => order.push('later'));
    await clock.run(10);
    expect(order).toEqual(['reaction', 'later']);
    expect(clock.now()).toBe(10);
  });
});

describe('real time', () => {
  it('wakes when something is due, sees the moment it was due, and not before', () => {
    const timers = new ManualTimers(1_000);
    const clock = new EventClock(50);
    const realTime = new RealTime(clock, timers);
    const seen: number[] = [];
    clock.after(20, () => seen.push(clock.now()));
    clock.after(10, () => seen.push(clock.now()));
    timers.advance(9);
    expect(seen).toEqual([]);
    timers.advance(11);
    expect(seen).toEqual([60, 70]);
    realTime.stop();
  });

  it('does what comes from outside after all that was due before', () => {
    const timers = new ManualTimers();
    const clock = new EventClock();
    const late = { now: timers.now, after: () => () => undefined };
    const realTime = new RealTime(clock, late);
    const seen: string[] = [];
    clock.after(5, () => seen.push(`due ${clock.now()}`));
    timers.advance(7);
    realTime.perform(() => seen.push(`input ${clock.now()}`));
    expect(seen).toEqual(['due 5', 'input 7']);
    realTime.stop();
  });

  it('sets no timer once stopped', () => {
    const timers = new ManualTimers();
    const clock = new EventClock();
    const realTime = new RealTime(clock, timers);
    clock.after(5, () => undefined);
    realTime.stop();
    clock.after(1, () => undefined);
    expect(timers.pending).toBe(0);
  });
});
