/** Holds that nobody ended, in a real database, and the gateway giving them back by itself. */
import { type CborMap, tagId } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, enrol, MORNING, punch, redeem, UID } from './community.test.support.js';
import { ExpiredHolds } from './expired-holds.js';

const DAY = 1_440;

describe('what was held too long', () => {
  let community: Community;
  let timers: ManualTimers;
  let expired: ExpiredHolds;
  let isOpen: boolean;
  let said: number;

  beforeEach(() => {
    [isOpen, said] = [true, 0];
    community = new Community();
    timers = new ManualTimers(MORNING * 1_000);
    community.publish('a', enrol(0, tagId(UID(1)), 'wang'), punch(10, 1, 'in'), punch(200, 1, 'out'));
    community.publish('a', redeem(320, 'hold', 9, 1));
    open();
  });
  afterEach(async () => {
    await expired.close();
    community.close();
  });

  function open(): void {
    const { store, ledger } = community;
    const logIf = (kind: number, body: () => CborMap | undefined): Promise<true | undefined> => {
      const says = isOpen ? body() : undefined;
      if (says === undefined) return Promise.resolve(undefined);
      said++;
      community.publish('gw-1', { minute: (timers.now() / 1_000 - MORNING) / 60, kind, body: says });
      return Promise.resolve(true);
    };
    expired = new ExpiredHolds({
      ...{ store, ledger, ownLog: { logIf }, timers, log: pino({ enabled: false }) },
      now: () => timers.now() / 1_000,
      counters: { count: () => expect.fail('it failed') },
    });
    expired.start();
  }
  const days = (n: number): Promise<void> => timers.run(n * DAY * 60_000);
  const wang = () => {
    const { minutes, held } = community.ledger.balance('wang');
    return [minutes, held];
  };

  it('is given back on the day after its last, once, with its reason', async () => {
    expect(wang()).toEqual([150, 45]);
    await days(30);
    expect(wang()).toEqual([150, 45]);
    await days(1);
    expect(wang()).toEqual([195, 0]);
    const last = community.ledger.statement('wang').at(-1);
    expect(last).toMatchObject({
      claim: { kind: 'release', reason: 'expired' },
      change: 45,
      outcome: 'posted',
    });
    await days(3);
    expect(said).toBe(1);
  });

  it('is given back once when the gateway starts anew in between, and when its log was closed', async () => {
    isOpen = false;
    await days(40);
    expect([wang(), said]).toEqual([[150, 45], 0]);
    isOpen = true;
    await timers.run(3_600_000);
    expect(wang()).toEqual([195, 0]);
    await expired.close();
    community.restart();
    open();
    await days(2);
    expect([wang(), said]).toEqual([[195, 0], 1]);
  });

  it('counts as spent where a reader says later that it was, before its last day', async () => {
    await days(32);
    expect(wang()).toEqual([195, 0]);
    community.publish('b', redeem(330, 'capture', 9, 1));
    expect(wang()).toEqual([150, 0]);
  });

  it('stays where it was ended', async () => {
    community.publish('a', redeem(330, 'capture', 9, 1));
    await days(40);
    expect([wang(), said]).toEqual([[150, 0], 0]);
  });
});
