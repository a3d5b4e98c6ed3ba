import { describe, expect, it } from 'vitest';
import { EventRing } from './event-ring.js';

const event = (seq: number, bytes = 1) => ({ seq, type: 'punch', message: new Uint8Array(bytes) });
const numbers = (ring: EventRing, after: number, limit = 100) =>
  ring.after(after, limit).map(({ seq }) => seq);

describe('the event ring', () => {
  it('gives what follows a position, a page at a time', () => {
    const ring = new EventRing(10, { events: 8, bytes: 1_000 });
    for (let seq = 11; seq <= 15; seq++) ring.push(event(seq));
    expect(numbers(ring, 10)).toEqual([11, 12, 13, 14, 15]);
    expect(numbers(ring, 12, 2)).toEqual([13, 14]);
    expect(numbers(ring, 15)).toEqual([]);
    expect(numbers(ring, 99)).toEqual([]);
    expect(ring.floor).toBe(10);
  });

  it('holds no more than so many events, and says from where on it has them all', () => {
    const ring = new EventRing(0, { events: 3, bytes: 1_000 });
    for (let seq = 1; seq <= 100; seq++) ring.push(event(seq));
    expect([ring.size, ring.floor, ring.head]).toEqual([3, 97, 100]);
    expect(numbers(ring, ring.floor)).toEqual([98, 99, 100]);
  });

  it('holds no more than so many bytes', () => {
    const ring = new EventRing(0, { events: 100, bytes: 10 });
    for (let seq = 1; seq <= 5; seq++) ring.push(event(seq, 4));
    expect([ring.bytes, numbers(ring, ring.floor)]).toEqual([8, [4, 5]]);
    ring.push(event(6, 11));
    expect([ring.bytes, ring.size, ring.floor, ring.head]).toEqual([0, 0, 6, 6]);
  });

  it('ignores what it already had', () => {
    const ring = new EventRing(0, { events: 10, bytes: 100 });
    for (const seq of [1, 2, 2, 1, 3]) ring.push(event(seq));
    expect(numbers(ring, 0)).toEqual([1, 2, 3]);
  });
});
