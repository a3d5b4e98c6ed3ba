/** Matters in a real database, from the bytes of records that devices could have logged. */
import { CATEGORY, type CborMap, KIND, type Request, requestBody, tagId, toHex } from '@timeband/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, enrol, type Logged, MORNING, sixteen, UID } from '../ledger/community.test.support.js';

const TAG = tagId(UID(1));
const DUE = MORNING + 10_000 * 60;
const body = (phase: Request['phase'], more: Partial<Request> = {}): CborMap =>
  requestBody({
    ...{ request: sixteen(1), phase, category: CATEGORY.repair, urgency: 'routine', level: 'grid' },
    ...(['ack', 'assign', 'escalate'].includes(phase) && { due: DUE }),
    ...more,
  });
/** By the wearer of a band or tag. */
const by = (band: string, minute: number, phase: Request['phase'], more: Partial<Request> = {}): Logged => ({
  ...{ minute, kind: KIND.request, band, body: body(phase, more) },
});
const staff = (minute: number, phase: Request['phase'], more: Partial<Request> = {}): Logged => ({
  ...{ minute, kind: KIND.request, body: body(phase, { assisted: 'office', ...more }) },
});

describe('a matter', () => {
  let community: Community;
  beforeEach(() => {
    community = new Community();
  });
  afterEach(() => {
    community.close();
  });
  const at = (minute: number) => MORNING + minute * 60;
  const matter = (minute = 1_000) => community.matters.find(sixteen(1), at(minute)) ?? expect.fail();
  const outcomes = () => matter().steps.map(({ phase, outcome }) => `${phase} ${outcome}`);

  it('goes from whoever raised it to whoever works on it, and back to be confirmed', () => {
    community.publish('a', enrol(0, TAG, 'wang'), enrol(1, tagId(UID(2)), 'wang'), by(TAG, 10, 'open'));
    expect([...community.matters.open(at(11))]).toHaveLength(1);
    community.publish(
      'gw-1',
      staff(20, 'assign', { handler: 'li' }),
      staff(80, 'resolve', { handler: 'li' }),
    );
    expect(matter()).toMatchObject({ phase: 'resolve', handler: 'li', asker: { id: TAG, account: 'wang' } });
    community.publish('a', by(tagId(UID(2)), 90, 'confirm'));
    expect(matter()).toMatchObject({ phase: 'confirm', raised: at(10), resolved: at(80), confirmed: at(90) });
    expect([...community.matters.open(at(1_000))]).toEqual([]);
  });

  it('is never closed by whoever worked on it, nor by anybody who did not ask', () => {
    community.publish('a', enrol(0, TAG, 'wang'), enrol(1, tagId(UID(2)), 'li'), by(TAG, 10, 'open'));
    community.publish(
      ...([
        'gw-1',
        staff(15, 'assign', { handler: 'wang' }),
        staff(20, 'assign', { handler: 'li' }),
      ] as const),
      ...[staff(80, 'resolve', { handler: 'li' }), staff(90, 'confirm')],
    );
    community.publish('a', by(tagId(UID(2)), 95, 'confirm'), by('band-9', 96, 'confirm'));
    community.publish(
      'a',
      { ...by(TAG, 97, 'confirm'), evidence: 0 },
      { ...by(TAG, 98, 'confirm'), doubted: true },
    );
    expect(outcomes()).toEqual([
      ...['open counts', 'assign self', 'assign counts', 'resolve counts', 'confirm asker', 'confirm worked'],
      ...['confirm asker', 'confirm weaker', 'confirm doubted'],
    ]);
    expect(matter().confirmed).toBeUndefined();
  });

  it('that the gateway raised is confirmed by a second operator', () => {
    const raised = staff(10, 'open', { assisted: undefined });
    community.publish('gw-1', raised, staff(20, 'ack'), staff(30, 'resolve', { handler: 'li' }));
    // The test's log is that of a device named like the gateway.
    community.publish('gw-1', staff(40, 'confirm'), staff(50, 'confirm', { assisted: 'night' }));
    expect(outcomes().slice(-2)).toEqual(['confirm worked', 'confirm counts']);
  });

  it('goes up by itself when nobody has settled it in time, and no further than to the city', () => {
    community.publish('a', by(TAG, 0, 'open', { urgency: 'urgent' }));
    const level = (minute: number) => matter(minute).level;
    expect([59, 60, 120, 180, 5_000].map(level)).toEqual(['grid', 'community', 'street', 'city', 'city']);
    community.publish('gw-1', staff(70, 'assign', { handler: 'li', due: at(200), urgency: 'urgent' }));
    expect([199, 200, 261].map(level)).toEqual(['community', 'street', 'city']);
    community.publish('gw-1', staff(210, 'resolve', { handler: 'li' }));
    expect(matter(9_999)).toMatchObject({ level: 'street', escalated: [at(60), at(200)], due: undefined });
  });

  it('counts as a call for help whatever it is proven with', () => {
    community.publish('a', { ...by(TAG, 0, 'open', { category: CATEGORY.help }), doubted: true });
    expect(matter()).toMatchObject({ phase: 'open', category: CATEGORY.help });
  });

  it('is counted in the month by the level at which it was settled, with how long it took', () => {
    const settle = (n: number, resolved: number): Logged[] => {
      const request = sixteen(n);
      const [handler, urgency] = ['li', 'urgent'] as const;
      return [
        by(TAG, 0, 'open', { request, urgency }),
        staff(resolved, 'escalate', { request, urgency }),
        staff(resolved, 'resolve', { request, handler, urgency }),
        by(TAG, 5_000, 'confirm', { request, urgency }),
      ];
    };
    community.publish(
      'a',
      ...settle(1, 10),
      ...settle(2, 30),
      ...settle(3, 61),
      by(TAG, 0, 'open', { request: sixteen(4) }),
    );
    const figures = community.matters.figures(at(0), at(6_000));
    expect(figures).toMatchObject({ raised: 4, settled: 3 });
    expect(figures.levels.slice(0, 2)).toEqual([
      { level: 'grid', settled: 2, median: 10, longest: 30 },
      { level: 'community', settled: 1, median: 61, longest: 61 },
    ]);
  });

  it('is the same in any order of arrival, after a restart, and when it is made again', () => {
    const all: readonly (readonly [string, Logged])[] = [
      ['a', enrol(0, TAG, 'wang')],
      ['b', enrol(1, tagId(UID(2)), 'wang')],
      ['c', by(TAG, 10, 'open', { urgency: 'urgent' })],
      ['d', staff(20, 'ack', { urgency: 'urgent' })],
      ['e', staff(100, 'assign', { handler: 'li', urgency: 'urgent' })],
      ['f', staff(120, 'resolve', { handler: 'li', urgency: 'urgent' })],
      ['g', by(tagId(UID(2)), 130, 'confirm', { urgency: 'urgent' })],
      ['h', by(tagId(UID(3)), 125, 'confirm', { urgency: 'urgent' })],
    ];
    const told = (of: Community) => {
      const { steps, ...found } = of.matters.find(sixteen(1), at(1_000)) ?? expect.fail();
      const rows = [...of.store.courses.all()].map(({ id, began, ended }) => [toHex(id), began, ended]);
      return { ...found, steps: steps.map((step) => ({ ...step, event: 0 })), rows };
    };
    for (const [log, one] of all) community.publish(log, one);
    const expected = told(community);
    expect(expected).toMatchObject({ confirmed: at(130), rows: [[toHex(sixteen(1)), at(10), at(130)]] });
    const order = fc.shuffledSubarray([...all], { minLength: all.length });
    fc.assert(
      fc.property(order, (shuffled) => {
        const other = new Community();
        try {
          for (const [log, one] of shuffled) other.publish(log, one);
          expect(told(other)).toEqual(expected);
          other.restart();
          other.matters.rebuild();
          expect(told(other)).toEqual(expected);
        } finally {
          other.close();
        }
      }),
      { numRuns: 12 },
    );
  });
});
