import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('backoff', () => {
  it('doubles up to its cap and starts over after a reset', () => {
    const backoff = new Backoff(250, 2_000, () => 1);
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([250, 500, 1_000, 2_000, 2_000]);
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });

  it('jitters between half and all of a step', () => {
    expect(new Backoff(1_000, 1_000, () => 0).next()).toBe(500);
    expect(new Backoff(1_000, 1_000, () => 0.5).next()).toBe(750);
  });
});
