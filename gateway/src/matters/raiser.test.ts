/** What the gateway says about matters by itself, in a real database, by a clock that the test moves. */
import { CATEGORY, type CborMap, KIND, type Request, requestBody, tagId } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, type Logged, MORNING, sixteen, UID } from '../ledger/community.test.support.js';
import { type Raise, raiseId, Raiser } from './index.js';

const SITE = 'dahaiyang';
const UNSEEN: Raise = {
  reason: ['unseen', 20_833, 'wang'],
  ...{ category: CATEGORY.care, urgency: 'soon', about: 'wang' },
};

describe('the gateway by itself', () => {
  let community: Community;
  let timers: ManualTimers;
  let raiser: Raiser;
  let isSet: boolean;
  let isOpen: boolean;
  let wanted: (Raise | undefined)[];
  let said: number;

  beforeEach(() => {
    community = new Community();
    [isSet, isOpen, wanted, said] = [true, true, [], 0];
    timers = new ManualTimers(MORNING * 1_000);
    start();
  });
  afterEach(async () => {
    await raiser.close();
    community.close();
  });

  function start(): void {
    const logIf = (kind: number, body: () => CborMap | undefined): Promise<true | undefined> => {
      const says = body();
      if (says === undefined || !isOpen) return Promise.resolve(undefined);
      said++;
      community.publish('gw-1', { minute: (timers.now() / 1_000 - MORNING) / 60, kind, body: says });
      return Promise.resolve(true);
    };
    raiser = new Raiser({
      ...{ site: SITE, matters: community.matters, ownLog: { logIf }, timers, log: pino({ enabled: false }) },
      sources: [{ wanted: () => wanted }],
      now: () => (isSet ? timers.now() / 1_000 : undefined),
      counters: { count: () => expect.fail('it failed') },
    });
    raiser.start();
  }
  async function restart(): Promise<void> {
    await raiser.close();
    community.restart();
    start();
  }
  const minutes = (n: number): Promise<void> => timers.run(n * 60_000);
  const matter = (id = sixteen(1)) => community.matters.find(id, timers.now() / 1_000) ?? expect.fail();
  const step = (minute: number, phase: Request['phase'], more: Partial<Request> = {}): Logged => {
    const due = phase === 'escalate' || phase === 'assign' ? MORNING + (minute + 60) * 60 : undefined;
    const of = { request: sixteen(1), category: CATEGORY.repair, urgency: 'urgent', level: 'grid' } as const;
    return { minute, kind: KIND.request, body: requestBody({ ...of, phase, due, ...more }) };
  };
  const raised = (): void => {
    community.publish('a', { ...step(0, 'open'), band: tagId(UID(1)) });
  };
  const steps = () =>
    matter().steps.map(({ phase, by, outcome }) => `${phase} ${by ?? 'gateway'} ${outcome}`);

  it('tells once of each time that a matter went up, and the level does not go up twice for it', async () => {
    raised();
    await minutes(59);
    expect(said).toBe(0);
    await minutes(2);
    expect(matter()).toMatchObject({
      phase: 'open',
      level: 'community',
      escalated: [MORNING + 3_600],
      told: 1,
    });
    await restart();
    await minutes(50);
    expect(said).toBe(1);
    await minutes(1_000);
    expect([said, matter().level]).toEqual([3, 'city']);
    await restart();
    await minutes(1_000);
    expect(said).toBe(3);
  });

  it('tells once of how far a matter went while the box was off', async () => {
    raised();
    await raiser.close();
    timers.advance(130 * 60_000);
    await restart();
    await minutes(1);
    expect([said, matter().level, matter().told]).toEqual([1, 'street', 2]);
  });

  it('tells of nothing that staff escalated meanwhile, and whoever has it keeps it', async () => {
    raised();
    community.publish('b', step(10, 'assign', { assisted: 'office', handler: 'li' }));
    await raiser.close();
    timers.advance(71 * 60_000);
    community.publish('b', step(71, 'escalate', { assisted: 'office', level: 'street' }));
    await restart();
    await minutes(1);
    expect(said).toBe(0);
    expect(matter()).toMatchObject({ level: 'street', handler: 'li', told: 1 });
  });

  it('is overtaken by a settlement that arrives late', async () => {
    raised();
    community.publish('b', step(10, 'assign', { assisted: 'office', handler: 'li' }));
    await minutes(75);
    community.publish('c', step(50, 'resolve', { assisted: 'office', handler: 'li' }));
    expect(matter()).toMatchObject({ phase: 'resolve', level: 'grid', escalated: [] });
    expect(steps().at(-1)).toBe('escalate gateway order');
    await minutes(500);
    expect(said).toBe(1);
  });

  it('raises a matter once for a reason, after a restart as well', async () => {
    wanted = [undefined, UNSEEN, undefined, UNSEEN];
    await minutes(1);
    await restart();
    await minutes(5);
    expect(said).toBe(1);
    const found = matter(raiseId(SITE, UNSEEN.reason));
    expect(found).toMatchObject({ about: 'wang', category: CATEGORY.care, asker: { id: undefined } });
  });

  it('says nothing while the clock is not set or nothing can be logged, and all of it later', async () => {
    wanted = [UNSEEN];
    raised();
    isSet = false;
    await minutes(61);
    expect(said).toBe(0);
    [isSet, isOpen] = [true, false];
    await minutes(2);
    expect(said).toBe(0);
    isOpen = true;
    await minutes(1);
    expect(said).toBe(2);
  });
});
