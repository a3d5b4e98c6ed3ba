/** Cases of mediation in a real database, and the gateway raising by itself what nobody looked at again. */
import { CATEGORY, type CborMap, KIND, mediateBody, type Mediation, toHex } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, type Logged, MORNING, sixteen } from '../ledger/community.test.support.js';
import { Raiser } from '../matters/index.js';
import { Cases } from './index.js';

const SITE = 'dahaiyang';
const at = (minute: number): number => MORNING + minute * 60;
const session = (minute: number, id: number, more: Partial<Mediation>, doubted = false): Logged => ({
  ...{ minute, kind: KIND.mediate, evidence: 2, doubted },
  body: mediateBody({
    ...{ case: sixteen(id), mediators: ['zhao', 'li'], parties: 2, outcome: 'settled' },
    ...{ started: at(minute - 60), ended: at(minute) },
    ...more,
  }),
});
const adjourned = (minute: number, id: number, until: number, doubted = false): Logged =>
  session(minute, id, { outcome: 'adjourned', followUp: at(until) }, doubted);

describe('a case of mediation', () => {
  let community: Community;
  let cases: Cases;
  let timers: ManualTimers;
  let raiser: Raiser;

  beforeEach(() => {
    community = new Community();
    timers = new ManualTimers(MORNING * 1_000);
    open();
  });
  afterEach(async () => {
    await raiser.close();
    community.close();
  });
  function open(): void {
    const { store, matters } = community;
    cases = new Cases({ site: SITE, store, matters });
    const logIf = (kind: number, body: () => CborMap | undefined): Promise<true | undefined> => {
      const says = body();
      if (says === undefined) return Promise.resolve(undefined);
      community.publish('gw-1', { minute: (timers.now() / 1_000 - MORNING) / 60, kind, body: says });
      return Promise.resolve(true);
    };
    raiser = new Raiser({
      ...{ site: SITE, matters, ownLog: { logIf }, timers, log: pino({ enabled: false }) },
      ...{ sources: [cases.overdue], now: () => timers.now() / 1_000 },
      counters: { count: () => expect.fail('it failed') },
    });
    raiser.start();
  }
  const minutes = (n: number): Promise<void> => timers.run(n * 60_000);
  const now = (): number => timers.now() / 1_000;
  const raised = () => [...community.matters.open(now())];
  const due = () => cases.open().map(({ id, followUp }) => [toHex(id).slice(0, 2), followUp]);

  it('asks once to be looked at again when its day has come, after a restart too', async () => {
    community.publish('a', adjourned(1, 1, 100), session(2, 2, {}), adjourned(3, 3, 2_000));
    expect(due()).toEqual([
      ['01', at(100)],
      ['03', at(2_000)],
    ]);
    await minutes(99);
    expect(raised()).toEqual([]);
    await minutes(2);
    expect(raised()).toMatchObject([{ category: CATEGORY.neighbours, urgency: 'soon', about: undefined }]);
    expect(cases.raised(cases.open()[0] ?? expect.fail(), now())).toMatchObject({ phase: 'open' });
    await raiser.close();
    community.restart();
    open();
    await minutes(60);
    expect(raised()).toHaveLength(1);
  });

  it('asks for nothing that a later session has met, whichever is heard first, and anew for another day', async () => {
    community.publish('a', session(50, 1, { outcome: 'partly', followUp: at(200) }));
    community.publish('b', adjourned(1, 1, 100), adjourned(2, 2, 90, true), adjourned(1, 3, 100));
    community.publish('b', session(80, 3, {}));
    await minutes(199);
    expect(raised()).toEqual([]);
    await minutes(2);
    expect(raised()).toHaveLength(1);
    community.publish('a', adjourned(210, 1, 300));
    await minutes(150);
    expect(raised()).toHaveLength(2);
  });

  it('adds up to the figures of a time, and is the same when it is made again', () => {
    community.publish(
      'a',
      adjourned(1, 1, 5_000),
      session(1_500, 1, { outcome: 'partly', mediators: ['zhao'], parties: 3 }),
      session(1_510, 2, {}),
    );
    const figures = () => [cases.figures(at(0), at(1_000)), cases.figures(at(1_000), at(2_000))];
    const told = figures();
    expect(told).toMatchObject([
      { sessions: 1, began: 1, outcomes: { adjourned: 1, settled: 0 }, parties: 2, minutes: 120 },
      { sessions: 2, began: 1, outcomes: { partly: 1, settled: 1 }, parties: 5, minutes: 180 },
    ]);
    community.matters.rebuild();
    expect(figures()).toEqual(told);
  });
});
