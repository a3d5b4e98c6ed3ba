import { ManualTimers } from '@timeband/protocol/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Progress } from './progress.js';
import { MemoryTable } from './uplink.test.support.js';

function open(table = new MemoryTable()) {
  const timers = new ManualTimers();
  const failures: Error[] = [];
  const saveFailed = (error: Error): void => {
    failures.push(error);
  };
  return { table, timers, failures, progress: new Progress({ table, timers, saveFailed }) };
}

describe('how far the city has confirmed', () => {
  it('grows to the end of what is confirmed without a gap, in whatever order confirmations come', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, i) => i + 1),
      { minLength: 0 },
    );
    fc.assert(
      fc.property(order, (positions) => {
        const { progress } = open();
        for (const position of positions) progress.confirm(position);
        const confirmed = new Set(positions);
        let gapless = 0;
        while (confirmed.has(gapless + 1)) gapless++;
        expect(progress.cursor).toBe(gapless);
      }),
    );
  });

  it('is on disk a moment later, once for many confirmations', () => {
    const { table, timers, progress } = open();
    for (let position = 1; position <= 100; position++) progress.confirm(position);
    expect(table.cursor).toBe(0);
    timers.advance(250);
    expect([table.cursor, table.writes]).toEqual([100, 1]);
  });

  it('forgets what was confirmed beyond a gap when the connection is gone, since it is sent again', () => {
    const { table, progress } = open();
    progress.confirm(1);
    progress.confirm(3);
    progress.restart();
    expect(table.cursor).toBe(1);
    progress.confirm(2);
    expect(progress.cursor).toBe(2);
  });

  it('does not go back for what is confirmed twice', () => {
    const { progress } = open();
    for (const position of [1, 2, 1, 2, 3]) progress.confirm(position);
    expect(progress.cursor).toBe(3);
  });

  it('is written again when the disk did not take it', () => {
    const { table, timers, failures, progress } = open();
    table.broken = true;
    progress.confirm(1);
    timers.advance(250);
    expect([failures.length, table.cursor]).toEqual([1, 0]);
    table.broken = false;
    timers.advance(250);
    expect(table.cursor).toBe(1);
  });
});
