import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

describe('the pace of transactions', () => {
  it('leaves room for fewer records where each takes longer, and for more again later', () => {
    const pace = new Pace();
    for (let i = 0; i < 20; i++) pace.took(50, 50);
    expect(pace.room).toBe(6);
    for (let i = 0; i < 20; i++) pace.took(12, 1.2);
    expect(pace.room).toBeGreaterThan(55);
  });

  it('has room for one record on the slowest box, and for no more than 256 on the fastest', () => {
    const pace = new Pace();
    for (let i = 0; i < 20; i++) pace.took(1, 1_000);
    expect(pace.room).toBe(1);
    for (let i = 0; i < 60; i++) pace.took(100, 0.01);
    expect(pace.room).toBe(256);
  });

  it('learns nothing from a transaction without records', () => {
    const pace = new Pace();
    const { room } = pace;
    pace.took(0, 100);
    expect(pace.room).toBe(room);
  });
});
