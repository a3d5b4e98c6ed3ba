import { describe, expect, it } from 'vitest';
import { readActivity } from '@timeband/protocol';
import { Bench } from '../test-support/reader.js';
import { performActivity } from './activity-command.js';

const NOW = Math.floor(Date.now() / 1_000);

describe('what is typed about activities', () => {
  const bench = new Bench({ wall: NOW });
  const type = (line: string) => performActivity(line.split(' '), bench.reader.activities, NOW);
  const newest = () => readActivity(bench.decoded(bench.reader.status(0).head)[0]?.body ?? new Map());

  it('is logged as it says, with what is usual where it does not', () => {
    expect(type('plan 509 --organiser li --in 90')).toBeUndefined();
    expect(newest()).toMatchObject({
      phase: 'planned',
      organiser: 'li',
      plannedStart: NOW + 5_400,
      capacity: 30,
    });
    expect(type('open 509')).toBeUndefined();
    expect(newest()).toMatchObject({ phase: 'opened', plannedStart: NOW + 5_400, started: NOW });
    expect(type('open 501 --organiser wang --capacity 5 --minutes 30')).toBeUndefined();
    expect(newest()).toMatchObject({ capacity: 5, plannedEnd: NOW + 1_800 });
    expect(type('cancel 501')).toBeUndefined();
    expect(type('close')).toBeUndefined();
    expect(newest()).toMatchObject({ phase: 'closed', service: 509, attended: 0 });
  });

  it('is answered in words where it cannot be done, and logs nothing', () => {
    const { head } = bench.reader.status(0);
    expect(type('close')).toMatch(/^there is none/);
    expect(type('open 509')).toMatch(/^there is none/);
    for (const wrong of [
      ...['', 'begin 509', 'open', 'open x', 'open 0', 'plan 509', 'close 509 now', 'open 509 --organiser'],
      ...[
        'open 509 --organiser LI',
        'open 509 --organiser li --capacity 0',
        'open 509 --organiser li --what 1',
      ],
      ...['open 509 --organiser li --capacity 70000', 'plan 509 --organiser li --in x'],
    ])
      expect([wrong, type(wrong)]).toEqual([wrong, expect.stringMatching(/^activity plan\|open/)]);
    expect(bench.reader.status(0).head).toBe(head);
  });
});
