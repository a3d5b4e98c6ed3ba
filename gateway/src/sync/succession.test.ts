import type { Identity } from '@timeband/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { checkSuccession, type SuccessionContext } from './succession.js';

const logId = new Uint8Array(16).fill(1);
const hashOf = (seq: number): Uint8Array => new Uint8Array(32).fill(seq);
/** What is stored: a log of reader-1 with five records, of which the hash at n is n throughout. */
const stored = {
  ...{ key: 7, logId, device: 'reader-1', base: 0, head: 5, hash: hashOf(5) },
  ...{ timeFloor: undefined, forked: false, vouched: false },
};

function check(identity: Partial<Identity>) {
  const forked: number[] = [];
  const counted: string[] = [];
  const context: SuccessionContext = {
    store: {
      findLog: (id) => (id[0] === 1 ? stored : undefined),
      hashBefore: (_log, seq) => hashOf(seq - 1),
      markForked: (key) => forked.push(key),
    },
    log: pino({ level: 'silent' }),
    counters: { count: (name) => counted.push(name) },
  };
  const whole: Identity = {
    ...{ device: 'reader-1', firmware: '1', hardware: '1', boot: 2, logId: new Uint8Array(16) },
    ...{ epoch: 2, oldest: 1, acked: 0, previous: { logId, seq: 5, head: hashOf(5) } },
    ...identity,
  };
  let error: unknown;
  try {
    checkSuccession(whole, context);
  } catch (thrown) {
    error = thrown;
  }
  return { forked, counted, error };
}
const before = (seq: number, head = hashOf(seq)): Partial<Identity> => ({ previous: { logId, seq, head } });

describe('a log that continues another', () => {
  it.each([5, 3])('is taken when it goes on from what is stored, sealed up to %d', (seq) => {
    expect(check(before(seq))).toEqual({ forked: [], counted: [], error: undefined });
  });

  it('is taken when the earlier one is another gateway’s, or there is none', () => {
    const elsewhere = { logId: new Uint8Array(16).fill(9), seq: 50, head: hashOf(9) };
    for (const previous of [elsewhere, undefined]) {
      expect(check({ previous })).toEqual({ forked: [], counted: [], error: undefined });
    }
  });

  it('is told of as a gap when records that were sealed never came', () => {
    expect(check(before(9))).toEqual({ forked: [], counted: ['log/gap'], error: undefined });
  });

  it.each([5, 3])('is a fork when it tells another story up to %d', (seq) => {
    const { forked, error } = check(before(seq, hashOf(99)));
    expect(error).toMatchObject({ code: 'log/fork' });
    expect(forked).toEqual([7]);
  });

  it('is a fork when it goes on from another device’s log', () => {
    expect(check({ device: 'reader-2' }).error).toMatchObject({ code: 'log/fork' });
  });
});
