/** Random bodies of every kind, written as a device or a gateway would write them. */
import fc from 'fast-check';
import type { CborMap } from '../cbor/index.js';
import { keyOf } from './keys.js';
import {
  activityBody,
  approve,
  approvedBody,
  attestBody,
  correctAction,
  deviceBody,
  enrolAction,
  mealBody,
  mediateBody,
  policyBody,
  punchBody,
  redeemBody,
  requestBody,
  transferAction,
  type Activity,
  type Correction,
  type Enrolment,
  type KindName,
  type KnownDeviceStatement,
  type Meal,
  type Mediation,
  type Redeem,
  type Request,
  type Transfer,
} from '../records/index.js';
import { bytesOf, id, proof, uint32 } from './arbitraries.js';

const reference = bytesOf(16);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const one = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
/** Two times, the second not before the first. */
const span = fc.tuple(uint32, uint32).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const count = fc.integer({ min: 1, max: 0xffff });
const reason = one('lost', 'compromised', 'replaced', 'retired');

export const enrolment: fc.Arbitrary<Enrolment> = fc
  .record({ nonce: reference, at: uint32, account: id, band: id, thumbprint: maybe(bytesOf(32)), reason })
  .chain(({ reason, ...rest }) =>
    fc.constantFrom<Enrolment>(
      { ...rest, step: 'issued' },
      { ...rest, step: 'replaced', replaces: `${rest.band.slice(0, 30)}-old`, reason },
      { ...rest, step: 'revoked', reason },
    ),
  );

export const correction: fc.Arbitrary<Correction> = fc
  .record({
    base: fc.record({
      nonce: reference,
      at: uint32,
      reason: one('forgottenOut', 'duplicate', 'noDevice'),
      account: id,
      minutes: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
      recorder: maybe(id),
    }),
    target: fc.record({ logId: bytesOf(16), seq: count, hash: bytesOf(32) }),
    service: uint32,
    span,
  })
  .chain(({ base, target, service, span: [started, ended] }) =>
    fc.constantFrom<Correction>(
      { ...base, sort: 'void', target },
      { ...base, sort: 'amend', target, service, started, ended },
      { ...base, sort: 'lateEntry', service, started, ended },
    ),
  );

export const transfer: fc.Arbitrary<Transfer> = fc
  .record({
    nonce: reference,
    at: uint32,
    sort: one('gift', 'donation', 'grant', 'settlement', 'welcome'),
    from: id,
    to: id,
    minutes: count,
    recorder: maybe(id),
    proof: maybe(proof),
  })
  .filter(({ from, to }) => from !== to);

export const activity: fc.Arbitrary<Activity> = fc
  .record({
    base: fc.record({ activity: reference, service: uint32, organiser: id, capacity: count }),
    planned: span,
    real: span,
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    roster: bytesOf(32),
  })
  .chain(({ base, planned: [plannedStart, plannedEnd], real: [started, ended], share, roster }) => {
    const plan = { ...base, plannedStart, plannedEnd };
    const attended = Math.floor(base.capacity * share);
    return fc.constantFrom<Activity>(
      { ...plan, phase: 'planned' },
      { ...plan, phase: 'opened', started },
      { ...plan, phase: 'closed', started, ended, attended, roster },
      { ...plan, phase: 'cancelled' },
    );
  });

export const redeem: fc.Arbitrary<Redeem> = fc
  .record({
    base: fc.record({
      redemption: reference,
      service: uint32,
      price: count,
      catalogue: uint32,
      supplier: id,
      assisted: maybe(id),
    }),
    proof,
    reason: one('cancelled', 'noShow', 'supplierCancelled', 'expired'),
  })
  .chain(({ base, proof, reason }) =>
    fc.constantFrom<Redeem>(
      { ...base, phase: 'hold', proof },
      { ...base, phase: 'capture' },
      { ...base, phase: 'release', reason },
    ),
  );

export const meal: fc.Arbitrary<Meal> = fc
  .record({
    base: fc.record({ meal: reference, date: uint32, slot: one('breakfast', 'lunch', 'dinner') }),
    account: id,
    cost: uint32,
    proof,
    courier: id,
    assisted: maybe(id),
  })
  .chain(({ base, account, cost, proof, courier, assisted }) =>
    fc.constantFrom<Meal>(
      { ...base, phase: 'ordered', account, cost, assisted },
      { ...base, phase: 'packed' },
      { ...base, phase: 'collected', proof },
      { ...base, phase: 'delivered', account, courier },
      { ...base, phase: 'cancelled' },
    ),
  );

export const request: fc.Arbitrary<Request> = fc
  .record({
    base: fc.record({
      request: reference,
      category: count,
      urgency: one('routine', 'soon', 'urgent'),
      level: one('grid', 'community', 'street', 'city'),
    }),
    proof: maybe(proof),
    handler: id,
    due: uint32,
    about: maybe(id),
  })
  .chain(({ base, proof, handler, due, about }) =>
    fc.constantFrom<Request>(
      { ...base, phase: 'open', proof, about },
      { ...base, phase: 'ack', due },
      { ...base, phase: 'assign', handler, due },
      { ...base, phase: 'escalate', due },
      { ...base, phase: 'resolve', handler },
      { ...base, phase: 'confirm', proof },
    ),
  );

export const mediation: fc.Arbitrary<Mediation> = fc
  .record({
    case: reference,
    mediators: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
    parties: fc.integer({ min: 2, max: 255 }),
    span,
    outcome: one('settled', 'partly', 'unsettled', 'adjourned', 'referred'),
    followUp: uint32,
    request: maybe(reference),
  })
  .map(({ span: [started, ended], ...rest }) => ({ ...rest, started, ended }));

const eventHead = fc.record({ epoch: uint32, seq: uint32, hash: bytesOf(32) });

export const deviceStatement: fc.Arbitrary<KnownDeviceStatement> = fc.oneof(
  fc.record({ event: one('boot'), firmware: id }),
  fc.record({ event: one('clockStep'), seconds: uint32, back: fc.boolean() }),
  fc.record({ event: one('logOpened'), lostFrom: uint32 }),
  fc.record({ event: one('full') }),
  fc.record({ event: one('keyChanged'), earlier: bytesOf(32) }),
  fc.record({ event: one('battery'), percent: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ event: one('tamper'), what: one('caseOpened', 'strapCut', 'debugPort', 'memory') }),
  fc.record({ event: one('queue'), waiting: uint32 }),
  fc.record({ event: one('firmware'), hash: bytesOf(32) }),
  fc.record({ event: one('eventsContinued'), from: eventHead, newest: maybe(eventHead) }),
);

const approved = (action: Uint8Array) =>
  approvedBody(action, [
    approve(keyOf('first operator'), 'dahaiyang', action),
    approve(keyOf('second operator'), 'dahaiyang', action),
  ]);

/** A body of each kind. */
export const bodies: Readonly<Record<KindName, fc.Arbitrary<CborMap>>> = {
  enrol: enrolment.map((value) => approved(enrolAction(value))),
  punch: fc
    .record({ direction: one('in', 'out'), service: uint32, proof, assisted: maybe(id) })
    .map(punchBody),
  attest: fc
    .record({ statement: bytesOf(120), provider: bytesOf(84), recipient: bytesOf(84) })
    .map(attestBody),
  activity: activity.map(activityBody),
  redeem: redeem.map(redeemBody),
  meal: meal.map(mealBody),
  request: request.map(requestBody),
  mediate: mediation.map(mediateBody),
  correct: correction.map((value) => approved(correctAction(value))),
  transfer: transfer.map((value) => approved(transferAction(value))),
  device: deviceStatement.map(deviceBody),
  policy: fc
    .record({ type: count, number: uint32, hash: bytesOf(32), outcome: one('applied', 'refused') })
    .map(policyBody),
};
