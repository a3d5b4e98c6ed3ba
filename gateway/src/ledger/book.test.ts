/** What becomes of what people do, and of what becomes known later. */
import { describe, expect, it } from 'vitest';
import {
  attest,
  bookOf,
  by,
  capture,
  correct,
  enrol,
  hold,
  outcomes,
  punch,
  release,
  welcome,
  worked,
} from './book.test.support.js';
import type { Entry } from './entry.js';
import { FUND } from './judge.js';

describe('the book', () => {
  it('credits a visit, rounded once, from the service', () => {
    const { store, take } = bookOf();
    take([enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 50)]);
    expect(store.balance('wang')).toBe(45);
    expect(store.entries).toEqual([
      {
        event: 3,
        debit: 'service/601',
        credit: 'wang',
        minutes: 45,
        rules: 2,
        catalogue: 3,
        reverses: false,
      },
    ] satisfies Entry[]);
  });

  it('holds, captures and releases', () => {
    const { store, take } = bookOf();
    take([
      ...[
        enrol(0, 'tag-1', 'wang'),
        ...worked(10, 'tag-1', 120),
        hold(200, 'tag-1', 'r1'),
        hold(201, 'tag-1', 'r2'),
      ],
      ...[hold(202, 'tag-1', 'r3'), capture(300, 'r1'), release(301, 'r2'), capture(302, 'r2')],
    ]);
    expect(outcomes(store, 'wang').slice(2)).toEqual([
      'posted',
      'posted',
      'floor',
      'posted',
      'posted',
      'order',
    ]);
    expect(store.balance('wang')).toBe(75);
    expect(store.balance('held/wang')).toBe(0);
    expect(store.balance('service/101')).toBe(45);
  });

  it('captures what was held long before, and once', () => {
    const { store, take } = bookOf({ holdDays: 100, pairDays: 1 });
    const day = 1_440;
    take([
      ...[enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 120), hold(200, 'tag-1', 'r1')],
      ...[
        hold(201, 'tag-1', 'r2'),
        capture(200 + 99 * day, 'r1'),
        capture(300 + 99 * day, 'r1'),
        capture(300 + 101 * day, 'r2'),
      ],
    ]);
    expect(outcomes(store, 'wang').slice(4)).toEqual(['posted', 'order', 'expired']);
  });

  it('lets two bands of one account spend one balance', () => {
    const { store, take } = bookOf();
    take([
      ...[enrol(0, 'tag-1', 'wang'), enrol(0, 'tag-2', 'wang'), ...worked(10, 'tag-1', 60)],
      ...[hold(100, 'tag-1', 'r1'), hold(100, 'tag-2', 'r2')],
    ]);
    expect(outcomes(store, 'wang').slice(2)).toEqual(['posted', 'floor']);
  });

  it('takes a spending back that an earlier one, which came later, leaves no minutes for', () => {
    const { store, take } = bookOf();
    const [a, b] = [hold(200, 'tag-1', 'r1'), hold(150, 'tag-1', 'r2')];
    take([enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 60), a, capture(210, 'r1'), b]);
    expect(outcomes(store, 'wang').slice(2)).toEqual(['posted', 'floor', 'order']);
    expect([store.balance('wang'), store.balance('held/wang'), store.balance('service/101')]).toEqual([
      15, 45, 0,
    ]);
    expect(store.entries.filter(({ reverses }) => reverses)).toHaveLength(2);
  });

  it('counts an act that two bands logged once', () => {
    const { store, take } = bookOf();
    take([
      ...[enrol(0, 'band-1', 'wang', true), enrol(0, 'band-2', 'li', true)],
      ...[attest(60, 'band-1', 'band-2', 45, 'x', 'b2'), attest(60, 'band-1', 'band-2', 45, 'x', 'a1')],
    ]);
    expect(store.balance('wang')).toBe(45);
    expect(outcomes(store, 'wang')).toEqual(['posted', 'copy']);
  });

  it.each([
    [
      'an account with a band of its own that comes with a tag',
      [enrol(0, 'b', 'wang', true), enrol(0, 'tag-1', 'wang'), ...worked(10, 'tag-1', 60)],
      ['weaker', 'weaker'],
    ],
    [
      'more than a bare tag may earn',
      [
        enrol(0, 'tag-1', 'wang'),
        ...worked(0, 'tag-1', 200, by('tag-1', 0)),
        ...worked(201, 'tag-1', 60, by('tag-1', 0)),
      ],
      ['noted', 'posted', 'noted', 'weakCap'],
    ],
    ['a visit left open', [enrol(0, 'tag-1', 'wang'), ...worked(0, 'tag-1', 241)], ['noted', 'unclosed']],
    ['hardly any time', [enrol(0, 'tag-1', 'wang'), ...worked(0, 'tag-1', 7)], ['noted', 'tooShort']],
    [
      'a second check-in',
      [enrol(0, 'tag-1', 'wang'), punch(0, 'tag-1', 'in'), punch(5, 'tag-1', 'in')],
      ['noted', 'doubleIn'],
    ],
    ['a check-out alone', [enrol(0, 'tag-1', 'wang'), punch(0, 'tag-1', 'out')], ['noIn']],
    [
      'a service that asks for more than a punch',
      [enrol(0, 't', 'wang'), punch(0, 't', 'in', by('t'), 101), punch(60, 't', 'out', by('t'), 101)],
      ['noted', 'evidence'],
    ],
    [
      'a visit to oneself',
      [enrol(0, 'b', 'wang', true), enrol(0, 'c', 'wang', true), attest(60, 'b', 'c', 45, 'x')],
      ['self'],
    ],
    ['a visit to nobody', [enrol(0, 'b', 'wang', true), attest(60, 'b', 'c', 45, 'x')], ['noRecipient']],
    [
      'more in a day than goes without an approver',
      [enrol(0, 't', 'wang'), ...worked(0, 't', 240), ...worked(241, 't', 240), ...worked(482, 't', 30)],
      ['noted', 'posted', 'noted', 'posted', 'noted', 'dayApproval'],
    ],
    [
      'more offline than may be',
      [
        enrol(0, 't', 'wang'),
        ...worked(0, 't', 240),
        hold(300, 't', 'r1', by('t'), true),
        hold(301, 't', 'r2', by('t'), true),
      ],
      ['noted', 'posted', 'posted', 'offlineCap'],
    ],
  ])('has an outcome for %s', (_, facts, expected) => {
    const { store, take } = bookOf();
    take(facts);
    expect(outcomes(store, 'wang')).toEqual(expected);
  });

  it('welcomes an account once, from the fund, however long ago that was', () => {
    const { store, take } = bookOf({ holdDays: 1, pairDays: 1 });
    take([
      ...[welcome(0, 'wang', 'early'), correct(1, FUND, 75, 'seed'), welcome(2, 'wang', 'x')],
      ...[welcome(3, 'li', 'too-much', 45), welcome(4, 'li', 'y', 30, 'wang'), welcome(5, 'li', 'z')],
      ...[welcome(100_000, 'wang', 'w'), welcome(100_002, 'zhao', 'u')],
    ]);
    // The first found the fund empty, so that it welcomed nobody.
    expect(outcomes(store, FUND)).toEqual([
      ...['floor', 'posted', 'posted', 'notWelcome', 'posted', 'welcomed', 'floor'],
    ]);
    expect([FUND, 'wang', 'li', 'zhao'].map((name) => store.balance(name))).toEqual([15, 30, 30, 0]);
  });

  it('gives what a band did to whom it belonged then, when the enrolment comes last', () => {
    const { store, take } = bookOf();
    take([
      ...worked(10, 'tag-1', 60),
      hold(100, 'tag-1', 'r1'),
      capture(110, 'r1'),
      enrol(120, 'tag-1', 'li'),
      enrol(0, 'tag-1', 'wang'),
    ]);
    expect(store.balance('wang')).toBe(15);
    expect(store.balance('li')).toBe(0);
  });
});
