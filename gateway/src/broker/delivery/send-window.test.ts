import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAST_ID, SendWindow } from './send-window.js';

describe('the send window', () => {
  it('moves its oldest message only when everything before is acknowledged', () => {
    const window = new SendWindow<'event'>(4);
    const [a, b, c] = [10, 11, 12].map((seq) => window.add(seq, 'event'));
    expect(window.acknowledge(b ?? 0)).toBe(true);
    expect([window.oldest, window.room]).toEqual([10, 1]);
    expect(window.acknowledge(a ?? 0)).toBe(true);
    expect([window.oldest, window.room]).toEqual([12, 3]);
    expect(window.acknowledge(c ?? 0)).toBe(true);
    expect([window.oldest, window.size]).toEqual([undefined, 0]);
  });

  it('takes an acknowledgement once, and none for what it did not send', () => {
    const window = new SendWindow<'event'>(4);
    const id = window.add(1, 'event');
    window.add(2, 'event');
    expect(window.acknowledge(id)).toBe(true);
    for (const other of [id, 0, 99, LAST_ID, LAST_ID + 1, 65_535])
      expect(window.acknowledge(other)).toBe(false);
    expect(window.size).toBe(1);
  });

  it('names the unacknowledged messages of an event, with their identifiers', () => {
    const window = new SendWindow<'event' | 'json'>(4);
    const event = window.add(1, 'event');
    const json = window.add(1, 'json');
    window.add(2, 'event');
    window.acknowledge(event);
    expect(window.waitingFor(1)).toMatchObject([{ form: 'json', id: json }]);
    expect(window.waitingFor(3)).toEqual([]);
  });

  it('does not take a late acknowledgement for a message sent after it was cleared', () => {
    const window = new SendWindow<'event'>(4);
    const late = window.add(1, 'event');
    window.clear();
    window.add(9, 'event');
    expect(window.acknowledge(late)).toBe(false);
    expect(window.oldest).toBe(9);
  });

  it('has distinct identifiers in range, and a window no larger than its capacity, in any order of acknowledgement', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(20), { maxLength: 200 }),
        (capacity, choices) => {
          const window = new SendWindow<'event'>(capacity);
          const waiting: number[] = [];
          let seq = LAST_ID - 100; // the identifiers wrap round in the middle of the run
          for (let n = 0; n < seq; n++) window.acknowledge(window.add(n, 'event'));
          for (const choice of choices) {
            const id = waiting[choice];
            if (id === undefined && window.room > 0) waiting.push(window.add(++seq, 'event'));
            else if (id !== undefined)
              expect(window.acknowledge(waiting.splice(choice, 1)[0] ?? 0)).toBe(true);
            expect(new Set(waiting).size).toBe(waiting.length);
            expect(waiting.every((each) => each >= 1 && each <= LAST_ID)).toBe(true);
            expect(window.size).toBeGreaterThanOrEqual(waiting.length);
            expect(window.size).toBeLessThanOrEqual(capacity);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
