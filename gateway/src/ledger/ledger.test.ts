/** The ledger in a real database, from the bytes of records that devices could have logged. */
import { openPolicy, PrivateKey, signPolicy, tagId, TrustStore } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../store/index.js';
import { Community, enrol, MORNING, punch, redeem, taiChi, UID } from './community.test.support.js';
import { rulesBody } from './rules.js';

describe('the ledger', () => {
  let community: Community;
  beforeEach(() => {
    community = new Community();
  });
  afterEach(() => {
    community.close();
  });
  const balances = (...names: readonly string[]) =>
    names.map((name) => community.ledger.balance(name).minutes);

  it('posts every kind of record that moves minutes', () => {
    community.aDay();
    expect(
      balances('wang', 'li', 'zhao', 'service/601', 'service/101', 'service/801', 'ledger/correction'),
    ).toEqual([...[60 - 15 - 45 + 30, 120 + 15 + 60, 45 + 60], ...[-(60 + 120), 45 - 45, -120, -30]]);
  });

  it('says where every minute came from', () => {
    community.aDay();
    expect(
      community.ledger
        .statement('wang')
        .map(({ claim, outcome, change, balance }) => [claim.kind, outcome, change, balance]),
    ).toEqual([
      ['in', 'noted', 0, 0],
      ['out', 'posted', 60, 60],
      ['give', 'posted', -15, 45],
      ['hold', 'posted', -45, 0],
      ['capture', 'posted', 0, 0],
      ['correct', 'posted', 30, 30],
    ]);
    const [line] = community.ledger.statement('wang', { from: MORNING + 60 * 60, to: MORNING + 71 * 60 });
    expect(line).toMatchObject({ at: MORNING + 70 * 60, event: 5, exact: 60, minutes: 60 });
  });

  it('says how an account stood at any moment', () => {
    community.aDay();
    const at = (minute: number) => community.ledger.balance('wang', MORNING + minute * 60);
    expect([at(0), at(70), at(320), at(330)].map(({ minutes, held }) => [minutes, held])).toEqual([
      ...[
        [0, 0],
        [60, 0],
        [0, 45],
        [0, 0],
      ],
    ]);
  });

  it('is the same after a restart, and the same to the byte when it is made again', () => {
    community.aDay();
    const before = community.ledger.digest();
    community.restart();
    community.ledger.catchUp();
    expect(community.ledger.digest()).toBe(before);
    community.ledger.rebuild();
    expect(community.ledger.digest()).toBe(before);
    expect(balances('wang', 'li', 'zhao')).toEqual([30, 195, 105]);
  });

  it('judges what comes late where it belongs, after a restart too', () => {
    community.aDay();
    community.restart();
    // Another spending, by a second tag of the same account, that was on its way for hours.
    community.publish('d', enrol(3, tagId(UID(5)), 'wang'), redeem(100, 'hold', 10, 5));
    expect(
      community.ledger.statement('wang').map(({ claim, outcome }) => `${claim.kind} ${outcome}`),
    ).toEqual([
      ...[
        'in noted',
        'out posted',
        'hold posted',
        'give posted',
        'hold floor',
        'capture order',
        'correct posted',
      ],
    ]);
    expect(community.ledger.balance('wang')).toMatchObject({ minutes: 30, held: 45 });
    const once = community.ledger.digest();
    community.ledger.rebuild();
    expect(community.ledger.digest()).toBe(once);
  });

  it('credits who was at an activity, whose bands became known only later, and the same when it is made again', () => {
    const at = [10, 70] as const;
    community.publish('a', taiChi(5, 'planned', at, 'zhao'), taiChi(10, 'opened', at, 'zhao'));
    community.publish(
      'a',
      punch(10, 1, 'in', {}, 509),
      punch(11, 2, 'in', {}, 509),
      punch(40, 2, 'out', {}, 509),
    );
    community.restart();
    community.publish('a', taiChi(72, 'closed', at, 'zhao', [1, 2]));
    expect(balances('wang', 'li', 'zhao')).toEqual([0, 0, 60]);
    community.restart();
    community.publish('b', enrol(0, tagId(UID(1)), 'wang'), enrol(1, tagId(UID(2)), 'li'));
    expect(balances('wang', 'li', 'zhao', 'service/509')).toEqual([60, 30, 60, -150]);
    expect(
      community.ledger.statement('wang').map(({ claim, outcome, exact }) => [claim.kind, outcome, exact]),
    ).toEqual([
      ['in', 'noted', undefined],
      ['attended', 'posted', 60],
    ]);
    const digest = community.ledger.digest();
    community.ledger.rebuild();
    expect(community.ledger.digest()).toBe(digest);
  });

  it('believes nothing of a record that tried to seem more than it is', () => {
    community.publish(
      'a',
      enrol(0, tagId(UID(1)), 'wang'),
      punch(10, 1, 'in', { doubted: true }),
      punch(70, 1, 'out', { doubted: true }),
    );
    expect(community.ledger.statement('wang')).toEqual([]);
  });

  it('goes by new rules from the event after they came into force, and posts under their number', () => {
    const issuer = PrivateKey.generate();
    const trust = new TrustStore([issuer.publicKey]);
    const sign = (number: number, roundTo: number) =>
      openPolicy(
        signPolicy(
          issuer,
          { number, issued: MORNING, site: 'dahaiyang' },
          { type: 'rules', body: rulesBody({ roundTo }) },
        ),
        ...([trust, { site: 'dahaiyang' }] as const),
      );
    community.publish('a', enrol(0, tagId(UID(1)), 'wang'), punch(10, 1, 'in'), punch(60, 1, 'out'));
    community.ledger.adopt(sign(4, 1));
    community.ledger.adopt(sign(4, 1));
    community.publish('a', punch(100, 1, 'in'), punch(150, 1, 'out'));
    expect(community.ledger.statement('wang').map(({ change }) => change)).toEqual([0, 45, 0, 50]);
    expect(community.store.ledger.entries(0, 10).map(({ rules }) => rules)).toEqual([0, 4]);
    const digest = community.ledger.digest();
    community.restart();
    community.ledger.rebuild();
    expect(community.ledger.digest()).toBe(digest);
  });

  it('leaves nothing behind of a commit that failed', () => {
    community.publish('a', enrol(0, tagId(UID(1)), 'wang'), punch(10, 1, 'in'));
    const digest = community.ledger.digest();
    const full = new StoreFault('store/full', new Error('no room'));
    expect(() => {
      community.store.transaction(() => {
        community.publish('a', punch(70, 1, 'out'));
        throw full;
      });
    }).toThrow(full);
    community.forget('a', 1);
    community.ledger.reload();
    expect(community.ledger.digest()).toBe(digest);
    community.publish('a', punch(70, 1, 'out'));
    expect(balances('wang')).toEqual([60]);
  });
});
