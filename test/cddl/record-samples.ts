/** A record of every kind, with every proof and statement that this version can write. */
import {
  activityBody,
  approve,
  approvedBody,
  attestBody,
  type CborMap,
  correctAction,
  deviceBody,
  type DeviceTime,
  encodeRecord,
  encodeStatement,
  enrolAction,
  entries,
  KIND,
  type KindName,
  keyId,
  type KnownProof,
  mealBody,
  mediateBody,
  policyBody,
  PrivateKey,
  punchBody,
  redeemBody,
  requestBody,
  signAnswer,
  signStatement,
  transferAction,
} from '@timeband/protocol';

export const SITE = 'dahaiyang';
export const hash = new Uint8Array(32).fill(1);
export const sixteen = new Uint8Array(16).fill(2);
export const at = 1_750_000_000;

const operator = PrivateKey.generate();
const band = PrivateKey.generate();

const times: readonly DeviceTime[] = [
  { quality: 'unset' },
  { quality: 'free-running', wall: at },
  { quality: 'set', wall: at, age: 60 },
];

const record = (kind: number, body: CborMap, time: DeviceTime = { quality: 'set', wall: at, age: 60 }) =>
  encodeRecord({ kind, seq: 2, boot: 1, uptime: 61, time, salt: new Uint8Array(8), body });

export const answer = signAnswer(band, SITE, {
  what: 'punch',
  nonce: sixteen,
  challenger: 'reader-1',
  service: 101,
  direction: 'in',
  counter: 7,
  sincePress: 2,
});

export const statement = encodeStatement({
  nonce: sixteen,
  provider: 'band-1',
  recipient: 'band-2',
  service: 101,
  seconds: 3600,
  minutes: 60,
  rating: 5,
  confirmedBy: 'recipient',
});

export const word = signStatement(band, SITE, statement);

const proofs: readonly KnownProof[] = [
  { kind: 'uid', uid: new Uint8Array(7) },
  { kind: 'sun', uid: new Uint8Array(7), counter: 9, mac: new Uint8Array(8) },
  { kind: 'encrypted-sun', piccData: sixteen, mac: new Uint8Array(8) },
  { kind: 'answer', message: answer },
  { kind: 'own', nonce: sixteen, challenger: 'reader-1' },
];
const [proof = { kind: 'uid', uid: new Uint8Array(4) } as const] = proofs;

const approved = (action: Uint8Array): CborMap =>
  approvedBody(action, [
    approve(operator, SITE, action),
    {
      by: 'webauthn',
      kid: keyId(operator.publicKey),
      authenticatorData: new Uint8Array(37),
      clientDataJSON: new TextEncoder().encode('{}'),
      signature: new Uint8Array(70),
    },
  ]);

const decided = { nonce: sixteen, at, account: 'a-1' } as const;
const event = {
  activity: sixteen,
  service: 101,
  organiser: 'a-1',
  plannedStart: at,
  plannedEnd: at,
  capacity: 9,
};
const matter = { request: sixteen, category: 1, urgency: 'urgent', level: 'grid' } as const;

/** Bodies by kind, at least one each. */
const bodies: Readonly<Record<KindName, readonly CborMap[]>> = {
  enrol: [
    approved(enrolAction({ ...decided, step: 'issued', band: 'band-7', thumbprint: hash })),
    approved(
      enrolAction({ ...decided, step: 'replaced', band: 'band-7', replaces: 'band-6', reason: 'lost' }),
    ),
  ],
  punch: proofs.map((each) =>
    punchBody({ direction: 'in', service: 101, proof: each, assisted: 'operator-1' }),
  ),
  attest: [attestBody({ statement, provider: word, recipient: word })],
  activity: [
    activityBody({ ...event, phase: 'planned' }),
    activityBody({ ...event, phase: 'closed', started: at, ended: at, attended: 8, roster: hash }),
  ],
  redeem: [
    redeemBody({
      redemption: sixteen,
      phase: 'release',
      service: 101,
      price: 60,
      catalogue: 3,
      supplier: 'supplier-1',
      proof,
      assisted: 'operator-1',
      reason: 'noShow',
    }),
  ],
  meal: [
    mealBody({
      meal: sixteen,
      phase: 'delivered',
      assisted: 'op-1',
      date: 20_254,
      slot: 'lunch',
      account: 'a-1',
      cost: 900,
      proof,
      courier: 'band-3',
    }),
  ],
  request: [requestBody({ ...matter, phase: 'assign', handler: 'a-2', due: at, proof, about: 'a-3' })],
  mediate: [
    mediateBody({
      case: sixteen,
      mediators: ['a-1', 'a-2'],
      parties: 2,
      started: at,
      ended: at,
      outcome: 'adjourned',
      followUp: at,
      request: sixteen,
    }),
  ],
  correct: [
    approved(
      correctAction({
        ...decided,
        sort: 'amend',
        reason: 'forgottenOut',
        minutes: -30,
        target: { logId: sixteen, seq: 2, hash },
        service: 101,
        started: at,
        ended: at,
        recorder: 'operator-3',
      }),
    ),
  ],
  transfer: [
    approved(
      transferAction({
        nonce: sixteen,
        at,
        sort: 'gift',
        from: 'a-1',
        to: 'a-2',
        minutes: 60,
        recorder: 'operator-3',
        proof,
      }),
    ),
  ],
  device: [
    deviceBody({ event: 'boot', firmware: '1.0.0' }),
    deviceBody({ event: 'clockStep', seconds: 5, back: true }),
    deviceBody({ event: 'logOpened', lostFrom: 17 }),
    deviceBody({ event: 'full' }),
    deviceBody({ event: 'keyChanged', earlier: hash }),
    deviceBody({ event: 'battery', percent: 12 }),
    deviceBody({ event: 'tamper', what: 'strapCut' }),
    deviceBody({ event: 'queue', waiting: 700 }),
    deviceBody({ event: 'firmware', hash }),
    deviceBody({ event: 'eventsContinued', from: { epoch: 1, seq: 0, hash } }),
  ],
  policy: [policyBody({ type: 3, number: 4, hash, outcome: 'applied' })],
};

/** Records of every kind and with every quality of time. */
export const records: readonly Uint8Array[] = [
  ...(Object.keys(KIND) as KindName[]).flatMap((kind) =>
    bodies[kind].map((body) => record(KIND[kind], body)),
  ),
  ...times.map((time) => record(KIND.device, deviceBody({ event: 'full' }), time)),
];

/** Records of a later version: an unknown kind, an unknown statement, an unknown field. */
export const laterRecords: readonly Uint8Array[] = [
  record(4711, entries([1, true])),
  record(KIND.device, entries([1, 99], [40, 'details'])),
  record(KIND.punch, new Map([...punchBody({ direction: 'in', service: 1, proof }), [9, [1, 2]] as const])),
];
