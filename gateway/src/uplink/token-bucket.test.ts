import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('gives a burst at once and then the rate', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 20, () => now);
    for (let i = 0; i < 20; i++) {
      expect(bucket.waitFor(1)).toBe(0);
      bucket.take(1);
    }
    expect(bucket.waitFor(1)).toBe(100);
    now = 100;
    expect(bucket.waitFor(1)).toBe(0);
  });

  it('gathers no more than its capacity in a long pause', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 20, () => now);
    now = 1_000_000;
    bucket.take(20);
    expect(bucket.waitFor(10)).toBe(1_000);
  });

  it('lets pass what is larger than it, once it is full', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 20, () => now);
    expect(bucket.waitFor(1_000)).toBe(0);
    bucket.take(1_000);
    expect(bucket.waitFor(1_000)).toBe(100_000);
    now = 100_000;
    expect(bucket.waitFor(1_000)).toBe(0);
  });

  it('makes others wait for what was taken on credit', () => {
    const bucket = new TokenBucket(10, 10, () => 0);
    bucket.take(30);
    expect(bucket.waitFor(5)).toBe(2_500);
  });

  it('never gives more than burst and rate together, whoever asks how', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(2_000)), { maxLength: 100 }), (asks) => {
        let now = 0;
        let taken = 0;
        const bucket = new TokenBucket(100, 50, () => now);
        for (const [units, pause] of asks) {
          now += pause;
          if (bucket.waitFor(units) > 0) continue;
          bucket.take(units);
          taken += units;
        }
        expect(taken).toBeLessThanOrEqual(50 + now / 10 + 1e-6);
      }),
    );
  });
});
