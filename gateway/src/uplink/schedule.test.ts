import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.js';

const at = (time: string): number => Date.parse(time) / 1_000;

describe('a schedule', () => {
  it('without spans is always open', () => {
    expect(new Schedule([]).isOpen(at('2027-01-13T03:00Z'))).toBe(true);
  });

  it('goes by the local time of the site', () => {
    const nights = new Schedule([{ from: '01:00', to: '05:30' }], 'Asia/Shanghai');
    expect(nights.isOpen(at('2027-01-13T00:59+08:00'))).toBe(false);
    expect(nights.isOpen(at('2027-01-13T01:00+08:00'))).toBe(true);
    expect(nights.isOpen(at('2027-01-13T05:29:59+08:00'))).toBe(true);
    expect(nights.isOpen(at('2027-01-13T05:30+08:00'))).toBe(false);
  });

  it('counts what runs past midnight to the day on which it begins', () => {
    // 2027-01-15 is a Friday.
    const fridays = new Schedule([{ days: ['fri'], from: '22:00', to: '06:00' }], 'Asia/Shanghai');
    expect(fridays.isOpen(at('2027-01-15T05:00+08:00'))).toBe(false);
    expect(fridays.isOpen(at('2027-01-15T22:00+08:00'))).toBe(true);
    expect(fridays.isOpen(at('2027-01-16T05:59+08:00'))).toBe(true);
    expect(fridays.isOpen(at('2027-01-16T06:00+08:00'))).toBe(false);
    expect(fridays.isOpen(at('2027-01-16T22:30+08:00'))).toBe(false);
  });

  it('with the same beginning and end is open around the clock', () => {
    const saturdays = new Schedule([{ days: ['sat'], from: '08:00', to: '08:00' }], 'UTC');
    expect(saturdays.isOpen(at('2027-01-16T08:00Z'))).toBe(true);
    expect(saturdays.isOpen(at('2027-01-17T07:59Z'))).toBe(true);
    expect(saturdays.isOpen(at('2027-01-17T08:00Z'))).toBe(false);
  });

  it('opens by the clock on the wall when clocks change', () => {
    // In Berlin the clock goes from 02:00 to 03:00 on 2027-03-28.
    const mornings = new Schedule([{ from: '03:00', to: '04:00' }], 'Europe/Berlin');
    expect(mornings.isOpen(at('2027-03-28T00:59Z'))).toBe(false);
    expect(mornings.isOpen(at('2027-03-28T01:00Z'))).toBe(true);
    expect(mornings.isOpen(at('2027-03-28T02:00Z'))).toBe(false);
  });

  it('says the day at the site', () => {
    const schedule = new Schedule([], 'Asia/Shanghai');
    expect(schedule.dayOf(at('2027-01-13T23:59:59+08:00'))).toBe('2027-01-13');
    expect(schedule.dayOf(at('2027-01-14T00:00+08:00'))).toBe('2027-01-14');
  });
});
