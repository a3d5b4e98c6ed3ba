/** A file for each kind of record, with what its body may say and what it may not. */
import { entries, type CborMap } from '../../cbor/index.js';
import { BODY_LABELS, recordLabel } from '../../cbor-text/index.js';
import type { ErrorCode } from '../../errors.js';
import { encodeRecord } from '../../log/index.js';
import {
  activityBody,
  deviceBody,
  KIND,
  mealBody,
  mediateBody,
  policyBody,
  redeemBody,
  requestBody,
  rosterHash,
  type Activity,
  type KindName,
  type KnownDeviceStatement,
  type Meal,
  type Mediation,
  type PolicyReceived,
  type Redeem,
  type Request,
} from '../../records/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { head, nonce, punchRecord, uid } from './scene.js';

const title = (kind: KindName): string =>
  kind === 'policy' ? 'Policy record' : `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`;

/** A record of a kind with this body; all else is the punch's of the scene. */
export function recordOf(kind: KindName, body: CborMap): Uint8Array {
  return encodeRecord({ ...punchRecord, kind: KIND[kind], body });
}

export const aboutRecord = (kind: KindName) => ({ label: recordLabel(BODY_LABELS[kind]), cddl: 'record' });

export function recordFile(kind: KindName, about: string, cases: readonly VectorCase[]): VectorFile {
  return vectorFile({ structure: 'record', section: title(kind), about }, {}, cases);
}

/** What decodes, beside the envelope, to `value`. */
export function good(kind: KindName, name: string, body: CborMap, value: unknown): VectorCase {
  const decoded = { ...punchRecord, kind: KIND[kind], body: value };
  return valid(name, recordOf(kind, body), decoded, aboutRecord(kind));
}

export function bad(kind: KindName, name: string, body: CborMap, code: ErrorCode): VectorCase {
  return invalid(name, recordOf(kind, body), code, { label: recordLabel(BODY_LABELS[kind]) });
}

/** The body with some of its fields changed; nothing takes one away. */
function changed(
  body: CborMap,
  changes: Readonly<Record<number, CborMap | number | string | undefined>>,
): CborMap {
  const all = new Map(body);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) all.delete(Number(key));
    else all.set(Number(key), value);
  }
  const fields = [...all].flatMap(([key, value]) => (typeof key === 'number' ? [[key, value] as const] : []));
  return entries(...fields.sort(([a], [b]) => a - b));
}

const at = 1_750_003_600;
const uidProof = { kind: 'uid', uid } as const;

function devices(): VectorFile {
  const statements: readonly KnownDeviceStatement[] = [
    { event: 'clockStep', seconds: 121, back: false },
    { event: 'logOpened', lostFrom: 17 },
    { event: 'full' },
    { event: 'keyChanged', earlier: head },
    { event: 'battery', percent: 20 },
    { event: 'tamper', what: 'caseOpened' },
    { event: 'queue', waiting: 300 },
    { event: 'firmware', hash: head },
    {
      event: 'eventsContinued',
      from: { epoch: 1, seq: 326, hash: head },
      newest: { epoch: 1, seq: 405, hash: head },
    },
  ];
  return recordFile('device', 'What a device says about itself.', [
    ...statements.map((statement) => good('device', statement.event, deviceBody(statement), statement)),
    good('device', 'a statement from a later version', entries([1, 99], [2, 'more']), {
      event: 'unknown',
      number: 99,
    }),
    bad('device', 'boot without the firmware', entries([1, 1]), 'cbor/shape'),
    bad('device', 'a battery beyond full', entries([1, 6], [7, 101]), 'cbor/shape'),
  ]);
}

function activities(): VectorFile {
  const planned: Activity = {
    ...{ activity: nonce, phase: 'planned', service: 201, organiser: 'account-9' },
    ...{ plannedStart: at, plannedEnd: at + 7_200, capacity: 30 },
  };
  const closed: Activity = {
    ...{ ...planned, phase: 'closed', started: at + 60, ended: at + 7_000, attended: 2 },
    roster: rosterHash(nonce, ['tag-04a1b2c3d4e5f6', 'key-af9b60409a88a8b7']),
  };
  const body = activityBody(closed);
  return recordFile('activity', 'A group event, from its plan to the roster of those who were there.', [
    good('activity', 'planned', activityBody(planned), planned),
    good('activity', 'closed, with the hash of its roster', body, closed),
    bad('activity', 'closed without a roster', changed(body, { 11: undefined }), 'record/kind'),
    bad('activity', 'more came than there was room for', changed(body, { 10: 31 }), 'record/kind'),
    bad('activity', 'it ends before it starts', changed(body, { 6: at - 1 }), 'record/kind'),
    bad('activity', 'a phase that nobody defined', changed(body, { 2: 9 }), 'cbor/shape'),
  ]);
}

function redemptions(): VectorFile {
  const held = { redemption: nonce, service: 301, price: 60, catalogue: 4, supplier: 'account-7' };
  const hold: Redeem = { ...held, phase: 'hold', proof: uidProof };
  const release: Redeem = { ...held, phase: 'release', reason: 'noShow' };
  return recordFile('redeem', 'Minutes held for a service, then spent or given back.', [
    good('redeem', 'a hold', redeemBody(hold), hold),
    good('redeem', 'a capture', redeemBody({ ...held, phase: 'capture' }), { ...held, phase: 'capture' }),
    good('redeem', 'a release, because nobody came', redeemBody(release), release),
    bad('redeem', 'a hold without a proof', changed(redeemBody(hold), { 7: undefined }), 'record/kind'),
    bad(
      'redeem',
      'a release without a reason',
      changed(redeemBody(release), { 9: undefined }),
      'record/kind',
    ),
    bad('redeem', 'a price of nothing', changed(redeemBody(hold), { 4: 0 }), 'cbor/shape'),
  ]);
}

function meals(): VectorFile {
  const ordered: Meal = {
    ...{ meal: nonce, phase: 'ordered', date: 20_254, slot: 'lunch' },
    ...{ account: 'account-3', cost: 800 },
  };
  const delivered: Meal = {
    meal: nonce,
    phase: 'delivered',
    date: 20_254,
    slot: 'lunch',
    courier: 'account-5',
    assisted: 'operator-1',
  };
  const body = mealBody(ordered);
  return recordFile('meal', 'A lunch on its way from the order to the table. It costs fen, never minutes.', [
    good('meal', 'ordered', body, ordered),
    good('meal', 'delivered', mealBody(delivered), delivered),
    bad('meal', 'ordered by nobody', changed(body, { 5: undefined }), 'record/kind'),
    bad('meal', 'an account that is no id', changed(body, { 5: 'Account 3' }), 'cbor/shape'),
  ]);
}

function requests(): VectorFile {
  const opened: Request = {
    ...{ request: nonce, phase: 'open', category: 1, urgency: 'urgent', level: 'grid' },
    proof: uidProof,
  };
  const assigned: Request = {
    ...{ request: nonce, phase: 'assign', category: 1, urgency: 'soon', level: 'community' },
    ...{ handler: 'account-11', due: at + 86_400 },
  };
  const raised: Request = {
    ...{ request: nonce, phase: 'open', category: 3, urgency: 'soon', level: 'grid' },
    about: 'account-3',
  };
  return recordFile('request', 'A matter that someone raised, until it is confirmed as settled.', [
    good('request', 'opened', requestBody(opened), opened),
    good('request', 'assigned', requestBody(assigned), assigned),
    good('request', 'raised by a gateway about somebody', requestBody(raised), raised),
    bad(
      'request',
      'assigned without a day on which it is due',
      changed(requestBody(assigned), { 8: undefined }),
      'record/kind',
    ),
    bad('request', 'an urgency that nobody defined', changed(requestBody(opened), { 4: 4 }), 'cbor/shape'),
  ]);
}

function mediations(): VectorFile {
  const settled: Mediation = {
    ...{ case: nonce, mediators: ['account-1', 'account-2'], parties: 2 },
    ...{ started: at, ended: at + 3_600, outcome: 'settled' },
  };
  const adjourned: Mediation = { ...settled, outcome: 'adjourned', followUp: at + 604_800 };
  const body = mediateBody(settled);
  return recordFile('mediate', 'A session of mediators: how many came and how it ended, never who.', [
    good('mediate', 'settled', body, settled),
    good('mediate', 'adjourned', mediateBody(adjourned), adjourned),
    bad('mediate', 'adjourned without a day to go on', changed(body, { 6: 4 }), 'record/kind'),
    bad('mediate', 'one party alone', changed(body, { 3: 1 }), 'cbor/shape'),
    bad('mediate', 'it ends before it starts', changed(body, { 5: at - 1 }), 'record/kind'),
  ]);
}

function policies(): VectorFile {
  const applied: PolicyReceived = { type: 3, number: 12, hash: head, outcome: 'applied' };
  return recordFile('policy', 'A device’s word on a policy document that reached it.', [
    good('policy', 'applied', policyBody(applied), applied),
    good('policy', 'refused', policyBody({ ...applied, outcome: 'refused' }), {
      ...applied,
      outcome: 'refused',
    }),
    bad('policy', 'a hash of another length', changed(policyBody(applied), { 3: 'short' }), 'cbor/shape'),
  ]);
}

export const bodyFiles = (): readonly (readonly [string, VectorFile])[] => [
  ['record-device', devices()],
  ['record-activity', activities()],
  ['record-redeem', redemptions()],
  ['record-meal', meals()],
  ['record-request', requests()],
  ['record-mediate', mediations()],
  ['record-policy', policies()],
];
