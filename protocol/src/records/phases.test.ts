import { describe, expect, it } from 'vitest';
import type { CborMap } from '../cbor/index.js';
import { toHex } from '../bytes.js';
import { codeOf } from '../test-support/index.js';
import { activityBody, ACTIVITY_ORDER, rosterHash } from './activity.js';
import { correctAction } from './correct.js';
import { enrolAction } from './enrol.js';
import { MEAL_ORDER, mealBody } from './meal.js';
import { mediateBody } from './mediate.js';
import { mayFollow } from './phases.js';
import { REDEEM_ORDER, redeemBody } from './redeem.js';
import { REQUEST_ORDER, requestBody } from './request.js';
import { transferAction } from './transfer.js';

const reference = new Uint8Array(16);

describe('the order of phases', () => {
  it('stops a meal from being collected twice, and before it was ordered', () => {
    expect(mayFollow(MEAL_ORDER, 'packed', 'collected')).toBe(true);
    expect(mayFollow(MEAL_ORDER, 'collected', 'collected')).toBe(false);
    expect(mayFollow(MEAL_ORDER, 'delivered', 'collected')).toBe(false);
    expect(mayFollow(MEAL_ORDER, undefined, 'collected')).toBe(false);
  });

  it('stops minutes from being spent twice, and from being spent and given back', () => {
    expect(mayFollow(REDEEM_ORDER, 'hold', 'capture')).toBe(true);
    expect(mayFollow(REDEEM_ORDER, 'capture', 'capture')).toBe(false);
    expect(mayFollow(REDEEM_ORDER, 'capture', 'release')).toBe(false);
    expect(mayFollow(REDEEM_ORDER, undefined, 'capture')).toBe(false);
  });

  it('stops a matter from being closed by its handler: only what is resolved can be confirmed', () => {
    expect(mayFollow(REQUEST_ORDER, 'resolve', 'confirm')).toBe(true);
    expect(mayFollow(REQUEST_ORDER, 'open', 'confirm')).toBe(false);
    expect(mayFollow(REQUEST_ORDER, 'assign', 'confirm')).toBe(false);
    expect(mayFollow(REQUEST_ORDER, 'confirm', 'escalate')).toBe(false);
  });

  it('stops a roster from being closed twice', () => {
    expect(mayFollow(ACTIVITY_ORDER, 'opened', 'closed')).toBe(true);
    expect(mayFollow(ACTIVITY_ORDER, 'closed', 'closed')).toBe(false);
  });
});

describe('a body that contradicts itself', () => {
  const plan = {
    activity: reference,
    service: 1,
    organiser: 'a-1',
    plannedStart: 100,
    plannedEnd: 200,
    capacity: 10,
  };
  const session = { case: reference, mediators: ['a-1'], parties: 2, started: 100, ended: 200 } as const;
  const decided = { nonce: reference, at: 100, account: 'a-1' } as const;
  const void_ = { ...decided, sort: 'void', reason: 'duplicate', minutes: -60 } as const;
  const lateEntry = { ...decided, sort: 'lateEntry', reason: 'noDevice', minutes: 60 } as const;

  it.each<[string, () => CborMap | Uint8Array]>([
    [
      'a meal collected by nobody',
      () => mealBody({ meal: reference, phase: 'collected', date: 1, slot: 'lunch' }),
    ],
    [
      'a ghost meal, ordered for nobody',
      () => mealBody({ meal: reference, phase: 'ordered', date: 1, slot: 'lunch', cost: 900 }),
    ],
    [
      'minutes held without a proof',
      () =>
        redeemBody({
          redemption: reference,
          phase: 'hold',
          service: 1,
          price: 60,
          catalogue: 1,
          supplier: 'a-1',
        }),
    ],
    [
      'a matter put off without a day',
      () => requestBody({ request: reference, phase: 'ack', category: 1, urgency: 'soon', level: 'grid' }),
    ],
    [
      'a padded roster: more were there than there was room for',
      () =>
        activityBody({
          ...plan,
          phase: 'closed',
          started: 100,
          ended: 200,
          attended: 11,
          roster: new Uint8Array(32),
        }),
    ],
    [
      'an activity closed without its roster',
      () => activityBody({ ...plan, phase: 'closed', started: 100, ended: 200 }),
    ],
    [
      'an activity that ends before it starts',
      () => activityBody({ ...plan, phase: 'planned', plannedEnd: 99 }),
    ],
    [
      'a session that ends before it starts',
      () => mediateBody({ ...session, ended: 99, outcome: 'settled' }),
    ],
    ['a session adjourned without a day', () => mediateBody({ ...session, outcome: 'adjourned' })],
    ['a void of no record', () => correctAction(void_)],
    ['a late entry without its times', () => correctAction({ ...lateEntry, service: 1 })],
    [
      'a late entry that ends before it starts',
      () => correctAction({ ...lateEntry, service: 1, started: 200, ended: 100 }),
    ],
    [
      'a late entry of a record that is there',
      () =>
        correctAction({
          ...lateEntry,
          service: 1,
          started: 100,
          ended: 200,
          target: { logId: reference, seq: 1, hash: new Uint8Array(32) },
        }),
    ],
    [
      'a transfer from an account to itself',
      () => transferAction({ nonce: reference, at: 1, sort: 'gift', from: 'a-1', to: 'a-1', minutes: 1 }),
    ],
    ['a band taken away without a reason', () => enrolAction({ ...decided, step: 'revoked', band: 'b-1' })],
    [
      'a band that replaces itself',
      () => enrolAction({ ...decided, step: 'replaced', band: 'b-1', replaces: 'b-1', reason: 'lost' }),
    ],
  ])('is refused: %s', (_, write) => {
    expect(codeOf(write)).toBe('record/kind');
  });

  it.each<[string, () => CborMap]>([
    ['a session of one party', () => mediateBody({ ...session, parties: 1, outcome: 'settled' })],
    ['no mediator', () => mediateBody({ ...session, mediators: [], outcome: 'settled' })],
    [
      'one mediator named twice',
      () => mediateBody({ ...session, mediators: ['a', 'a'], outcome: 'settled' }),
    ],
    [
      'five mediators',
      () => mediateBody({ ...session, mediators: ['a', 'b', 'c', 'd', 'e'], outcome: 'settled' }),
    ],
  ])('is refused as badly formed: %s', (_, write) => {
    expect(codeOf(write)).toBe('cbor/shape');
  });
});

describe('the hash of a roster', () => {
  it('is that of the set, whatever the order in which people came', () => {
    const hash = rosterHash(reference, ['band-2', 'band-1', 'band-2']);
    expect(toHex(hash)).toBe(toHex(rosterHash(reference, ['band-1', 'band-2'])));
  });

  it('changes with one more name, and with the activity', () => {
    const hash = toHex(rosterHash(reference, ['band-1']));
    expect(toHex(rosterHash(reference, ['band-1', 'band-2']))).not.toBe(hash);
    expect(toHex(rosterHash(new Uint8Array(16).fill(1), ['band-1']))).not.toBe(hash);
  });
});
