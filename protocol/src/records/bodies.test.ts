import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStrict, encode, entries, type CborMap, type CborValue } from '../cbor/index.js';
import { encodeStatement, signAnswer, signStatement } from '../evidence/index.js';
import { decodeRecord, encodeRecord } from '../log/index.js';
import { codeOf, cborValue, keyOf } from '../test-support/index.js';
import { bodies } from '../test-support/record-bodies.js';
import { activityBody } from './activity.js';
import { attestBody } from './attest.js';
import { readBody } from './body.js';
import { KIND, type KindName } from './kinds.js';
import { mealBody, readMeal } from './meal.js';
import { mediateBody } from './mediate.js';
import { punchBody } from './punch.js';
import { redeemBody } from './redeem.js';
import { requestBody } from './request.js';

const kinds = Object.keys(KIND) as KindName[];

/** Longest record that a device may log, and the longest of a gateway's own log (SPEC.md, Limits). */
const DEVICE_RECORD_BYTES = 349;
const GATEWAY_RECORD_BYTES = 4096;
const loggedByGateway: readonly KindName[] = ['enrol', 'correct', 'transfer'];

const most = 0xffff_ffff;
const longestId = (start: string) => start.padEnd(40, 'x');

/** The record around a body, with the largest numbers that its envelope can hold. */
const largestRecord = (kind: KindName, body: CborMap): Uint8Array =>
  encodeRecord({
    kind: KIND[kind],
    seq: most,
    boot: most,
    uptime: most,
    time: { quality: 'set', wall: most, age: most },
    salt: new Uint8Array(8),
    body,
  });

const changed = (body: CborMap, key: number, value: CborValue): CborMap =>
  new Map([...body, [key, value] as const].sort(([a], [b]) => Number(a) - Number(b)));

describe.each(kinds)('the body of kind %s', (kind) => {
  it('reads as what was written', () => {
    fc.assert(
      fc.property(bodies[kind], (body) => {
        const back = decodeStrict(encode(body)) as CborMap;
        expect(readBody(KIND[kind], back)).toEqual(readBody(KIND[kind], body));
        expect(readBody(KIND[kind], back).kind).toBe(kind);
      }),
    );
  });

  it('keeps fields of a later version byte for byte, and reads the others', () => {
    fc.assert(
      fc.property(bodies[kind], cborValue, (body, later) => {
        const record = largestRecord(kind, changed(body, 900, later));
        const { body: kept } = decodeRecord(record);
        expect(encode(kept)).toEqual(encode(changed(body, 900, later)));
        expect(readBody(KIND[kind], kept)).toEqual(readBody(KIND[kind], body));
      }),
    );
  });

  it('is refused with a code and nothing else when it is any other map', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 12 }), cborValue)), (fields) => {
        expect(codeOf(() => readBody(KIND[kind], new Map(fields)))).toMatch(
          /^(accepted|cbor\/|record\/kind)/,
        );
      }),
    );
  });

  it('is refused when any one of its fields is of the wrong type', () => {
    fc.assert(
      fc.property(bodies[kind], (body) => {
        for (const key of body.keys()) {
          if (kind === 'device' && key === 4) continue; // a clock step forward is what is not marked as back
          const wrong = changed(body, Number(key), [null]);
          expect(codeOf(() => readBody(KIND[kind], wrong))).toBe('cbor/shape');
        }
      }),
    );
  });

  const limit = loggedByGateway.includes(kind) ? GATEWAY_RECORD_BYTES : DEVICE_RECORD_BYTES;
  it(`fits a record of ${limit} bytes`, () => {
    fc.assert(
      fc.property(bodies[kind], (body) => {
        expect(largestRecord(kind, body).length).toBeLessThanOrEqual(limit);
      }),
    );
  });
});

describe('the longest record that a device can log', () => {
  const reference = new Uint8Array(16);
  const band = keyOf('a band');
  const proof = {
    kind: 'answer',
    message: signAnswer(band, longestId('site'), {
      what: 'redeem',
      nonce: new Uint8Array(16),
      challenger: longestId('reader'),
      service: most,
      direction: 'none',
      counter: most,
      sincePress: 10,
    }),
  } as const;
  const statement = encodeStatement({
    nonce: new Uint8Array(16),
    provider: longestId('provider'),
    recipient: longestId('recipient'),
    service: most,
    seconds: 43_200,
    minutes: 720,
    rating: 5,
    confirmedBy: 'staff',
  });
  const word = signStatement(band, longestId('site'), statement);

  it.each<[KindName, CborMap]>([
    ['attest', attestBody({ statement, provider: word, recipient: word })],
    ['punch', punchBody({ direction: 'out', service: most, proof, assisted: longestId('operator') })],
    [
      'activity',
      activityBody({
        activity: reference,
        phase: 'closed',
        service: most,
        organiser: longestId('organiser'),
        plannedStart: most,
        plannedEnd: most,
        capacity: 0xffff,
        started: most,
        ended: most,
        attended: 0xffff,
        roster: new Uint8Array(32),
      }),
    ],
    [
      'redeem',
      redeemBody({
        redemption: reference,
        phase: 'hold',
        service: most,
        price: most,
        catalogue: most,
        supplier: longestId('supplier'),
        proof,
        assisted: longestId('operator'),
      }),
    ],
    [
      'meal',
      mealBody({
        meal: reference,
        phase: 'collected',
        date: most,
        slot: 'lunch',
        account: longestId('account'),
        cost: most,
        proof,
      }),
    ],
    [
      'request',
      requestBody({
        request: reference,
        phase: 'assign',
        category: most,
        urgency: 'urgent',
        level: 'city',
        proof,
        handler: longestId('handler'),
        due: most,
      }),
    ],
    [
      'mediate',
      mediateBody({
        case: reference,
        mediators: ['a', 'b', 'c', 'd'].map(longestId),
        parties: 255,
        started: most,
        ended: most,
        outcome: 'adjourned',
        followUp: most,
        request: reference,
      }),
    ],
  ])('of kind %s keeps within 349 bytes', (kind, body) => {
    expect(largestRecord(kind, body).length).toBeLessThanOrEqual(DEVICE_RECORD_BYTES);
  });
});

describe('a record of a kind that nobody knows yet', () => {
  it('survives decoding and storing byte for byte, and is called other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 13, max: most }), cborValue, (kind, value) => {
        const bytes = encodeRecord({
          kind,
          seq: 1,
          boot: 1,
          uptime: 0,
          time: { quality: 'unset' },
          salt: new Uint8Array(8),
          body: entries([1, value]),
        });
        const record = decodeRecord(bytes);
        expect(encodeRecord(record)).toEqual(bytes);
        expect(readBody(record.kind, record.body)).toEqual({ kind: 'other' });
      }),
    );
  });
});

describe('a choice that nobody listed', () => {
  it.each<[KindName, number]>([
    ['punch', 1],
    ['activity', 2],
    ['redeem', 2],
    ['meal', 2],
    ['meal', 4],
    ['request', 2],
    ['request', 4],
    ['request', 5],
    ['mediate', 6],
    ['policy', 4],
  ])('makes the body of kind %s unreadable, in field %i', (kind, key) => {
    const [body = new Map()] = fc.sample(bodies[kind], { numRuns: 1, seed: 1 });
    expect(codeOf(() => readBody(KIND[kind], changed(body, key, 99)))).toBe('cbor/shape');
  });

  it('does not hide a call for help: a category may be any number', () => {
    const body = requestBody({
      request: new Uint8Array(16),
      phase: 'open',
      category: 4711,
      urgency: 'urgent',
      level: 'grid',
    });
    expect(readBody(KIND.request, body)).toMatchObject({ kind: 'request', value: { category: 4711 } });
  });
});

describe('an id in a body', () => {
  it.each(['', 'Li Wei', '-', 'a--b', 'x'.repeat(41), 'ÄÖ'])('is refused when it is %j', (account) => {
    const order = { meal: new Uint8Array(16), phase: 'ordered', date: 1, slot: 'lunch', cost: 900 } as const;
    expect(codeOf(() => mealBody({ ...order, account }))).toBe('cbor/shape');
    const body = changed(mealBody({ ...order, account: 'a1' }), 5, account);
    expect(codeOf(() => readMeal(body))).toBe('cbor/shape');
  });
});
