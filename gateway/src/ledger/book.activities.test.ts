/** Who is credited for what is done in a group. */
import { describe, expect, it } from 'vitest';
import { about, at509, bookOf, enrol, outcomes, punch } from './book.test.support.js';
import type { Fact } from './fact.js';
import type { MemoryBookStore } from './memory-book-store.test.support.js';

describe('the book at an activity', () => {
  const people = () => [enrol(0, 'tag-1', 'wang'), enrol(0, 'tag-2', 'li'), enrol(0, 'tag-9', 'zhao')];
  const held = { started: 10, ended: 70, organiser: 'zhao', roster: ['tag-1', 'tag-2'] };
  const minutes = (store: MemoryBookStore) => ['wang', 'li', 'zhao'].map((name) => store.balance(name));

  it('credits who was there to check-out or its end, and the organiser for all of it', () => {
    const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
    take([
      ...[...people(), about(5, 'x', 'planned', held), about(10, 'x', 'opened', held)],
      ...[at509(8, 'tag-1', 'in'), at509(20, 'tag-2', 'in'), at509(50, 'tag-2', 'out')],
      about(75, 'x', 'closed', held),
    ]);
    // Its check-in is earlier than its time, which begins when the activity does.
    expect(minutes(store)).toEqual([60, 30, 60]);
    expect(outcomes(store, 'wang')).toEqual(['noted', 'posted']);
    expect(outcomes(store, 'li')).toEqual(['noted', 'posted', 'noted']);
  });

  it('credits nobody for more than it lasted, whoever checks out later', () => {
    const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
    take([
      ...[...people(), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in'), at509(11, 'tag-2', 'in')],
      ...[at509(74, 'tag-2', 'out'), about(75, 'x', 'closed', held), at509(200, 'tag-1', 'out')],
    ]);
    expect(minutes(store)).toEqual([59, 59, 60]);
    expect(outcomes(store, 'wang')).toEqual(['noted', 'posted', 'noIn']);
  });

  it('knows a band with a key by the key that answered, as the reader that made the roster does', () => {
    const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
    const keyed = { ...held, roster: ['key-00', 'tag-2'] };
    const answered = (one: Fact): Fact =>
      one.says.kind === 'punch' ? { ...one, says: { ...one.says, shown: 'key-00' } } : one;
    take([
      ...[...people(), about(10, 'x', 'opened', keyed), answered(at509(11, 'tag-1', 'in'))],
      ...[at509(11, 'tag-2', 'in'), about(75, 'x', 'closed', keyed)],
    ]);
    expect(minutes(store)).toEqual([59, 59, 60]);
  });

  it('begins with it for whoever had checked in before it was opened, and checks in again', () => {
    const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
    take([
      ...[...people(), at509(5, 'tag-1', 'in'), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in')],
      ...[at509(15, 'tag-1', 'in'), at509(11, 'tag-2', 'in'), about(75, 'x', 'closed', held)],
    ]);
    expect(minutes(store)).toEqual([59, 59, 60]);
    expect(outcomes(store, 'wang')).toEqual(['posted', 'doubleIn', 'noted', 'noted'].reverse());
  });

  it('moves no minutes and bothers nobody where the service asks for no more than a punch', () => {
    const { store, take } = bookOf({ roundTo: 1, atLeast: 1 });
    const cleaning = (one: Fact): Fact =>
      one.says.kind === 'activity' ? { ...one, says: { ...one.says, service: 601 } } : one;
    take([
      ...[...people(), cleaning(about(10, 'x', 'opened', held)), punch(11, 'tag-1', 'in')],
      ...[punch(60, 'tag-1', 'out'), cleaning(about(75, 'x', 'closed', held))],
    ]);
    expect(minutes(store)).toEqual([49, 0, 0]);
    expect(outcomes(store, 'zhao')).toEqual(['noted']);
  });

  it.each([
    ['a name too many', { ...held, roster: ['tag-1', 'tag-2', 'tag-3'] }],
    ['a name too few', { ...held, roster: ['tag-1'] }],
    ['another name', { ...held, roster: ['tag-1', 'tag-3'] }],
  ])('credits nobody by a roster with %s, and has people look', (_, wrong) => {
    const { store, take } = bookOf();
    take([
      ...[...people(), about(10, 'x', 'opened', held), at509(11, 'tag-1', 'in'), at509(12, 'tag-2', 'in')],
      ...[at509(60, 'tag-2', 'out'), about(75, 'x', 'closed', wrong)],
    ]);
    expect(minutes(store)).toEqual([0, 0, 0]);
    expect(outcomes(store, 'wang')).toEqual(['noted', 'roster']);
    expect(outcomes(store, 'li')).toEqual(['noted', 'roster', 'noted']);
    expect(outcomes(store, 'zhao')).toEqual(['roster']);
  });

  it.each([
    ['never opened', (): Fact[] => [about(5, 'x', 'planned', held)], 'order'],
    ['opened elsewhere', (): Fact[] => [about(10, 'x', 'opened', held, 'b2')], 'order'],
    [
      'cancelled before',
      (): Fact[] => [about(10, 'x', 'opened', held), about(30, 'x', 'cancelled', held)],
      'order',
    ],
    ['opened for another time', (): Fact[] => [about(10, 'x', 'opened', { ...held, started: 11 })], 'order'],
  ])('is closed to no effect when it was %s', (_, before, expected) => {
    const { store, take } = bookOf();
    take([
      ...[...people(), ...before(), at509(35, 'tag-1', 'in'), at509(36, 'tag-2', 'in')],
      ...[at509(60, 'tag-2', 'out'), about(75, 'x', 'closed', held)],
    ]);
    expect(minutes(store)).toEqual([0, 0, 0]);
    expect(outcomes(store, 'zhao')).toEqual([expected]);
    expect(outcomes(store, 'li')).toEqual(['noted', 'evidence']);
  });

  it('has nothing for an organiser to whom nobody came', () => {
    const { store, take } = bookOf();
    const alone = { ...held, roster: ['tag-9'] };
    take([
      ...people(),
      about(10, 'x', 'opened', alone),
      at509(11, 'tag-9', 'in'),
      about(75, 'x', 'closed', alone),
    ]);
    expect(outcomes(store, 'zhao')).toEqual(['noted', 'noRecipient', 'noted']);
    expect(minutes(store)).toEqual([0, 0, 0]);
  });
});
