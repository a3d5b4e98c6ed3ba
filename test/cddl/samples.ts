/** One of everything on the wire, by the name of its rule, as this implementation writes it. */
import {
  ALG,
  answerNonce,
  approve,
  approvedBody,
  type CborValue,
  concat,
  consistencyReceipt,
  decodeStrict,
  deriveDeviceKey,
  encode,
  encodeCommit,
  encodeEntry,
  enrolAction,
  encodeEvent,
  encodeReceipt,
  entries,
  type Event,
  externalAad,
  Fields,
  type ForwardOutcome,
  type Grant,
  inclusionReceipt,
  issueCertificate,
  leafHash,
  MerkleTree,
  type PolicyDraft,
  PrivateKey,
  proveGateway,
  type RegisterNote,
  SecureChannel,
  SESSION_CONTEXT,
  signAck,
  signAnswer,
  signClock,
  sign1,
  signCommit,
  signForward,
  signForwardAnswer,
  signGrant,
  signHead,
  signPolicy,
  signPossession,
  signSeal,
  signStatement,
  signWipe,
  toCoseKey,
  type Wipe,
} from '@timeband/protocol';
import { commandSamples } from './command-samples.js';
import { answer, at, hash, laterRecords, records, SITE, sixteen, statement } from './record-samples.js';

const key = PrivateKey.generate();
const p256 = PrivateKey.generate(ALG.ES256);
const shared = deriveDeviceKey(hash, { site: SITE, device: 'band-9' }, 1);
const keys = [key, p256, shared];

const certificates = [
  key.publicKey,
  p256.publicKey,
  { algorithm: ALG.HMAC256, thumbprint: hash } as const,
].map((certified) =>
  issueCertificate(key, {
    issuer: 'dahaiyang-issuer',
    subject: 'band-9',
    role: 'band',
    site: SITE,
    notBefore: at,
    expires: at + 1000,
    key: certified,
  }),
);
const [certificate = new Uint8Array()] = certificates;

const moment = { boot: 1, uptime: 62 };
const seals = [
  { quality: 'unset' } as const,
  { quality: 'free-running', wall: at } as const,
  { quality: 'set', wall: at, age: 1 } as const,
].flatMap((time) =>
  keys.map((each) =>
    signSeal(each, SITE, {
      logId: sixteen,
      first: 1,
      last: 2,
      hashBefore: hash,
      hashLast: hash,
      nonce: sixteen,
      ...moment,
      time,
    }),
  ),
);
const acks = keys.map((each) =>
  signAck(each, {
    logId: sixteen,
    upto: 2,
    hash,
    site: SITE,
    gateway: 'gateway-1',
    revocations: 3,
    durability: 'city',
  }),
);
const clock = { device: 'reader-1', nonce: new Uint8Array(8), site: SITE, gateway: 'gateway-1' };
const clocks = [signClock(key, { ...clock, wall: at }), signClock(shared, clock)];

const event: Event = {
  site: SITE,
  gateway: 'gateway-1',
  epoch: 1,
  seq: 1,
  previous: hash,
  type: 'punch',
  device: 'reader-1',
  logId: sixteen,
  logSeq: 2,
  logPrevious: hash,
  record: records[0] ?? hash,
  sealId: hash,
  evidence: 2,
  time: { earliest: at, latest: at + 4 },
  recorded: at,
  band: 'band-9',
  minutes: 60,
  vouched: 'gateway',
  act: hash,
};
const events = [
  encodeEvent(event),
  encodeEvent({
    ...event,
    time: { latest: at },
    band: undefined,
    minutes: undefined,
    vouched: undefined,
    act: undefined,
  }),
];
const [anEvent = new Uint8Array()] = events;
const tree = new MerkleTree(events.map(leafHash));
const head = signHead(key, {
  site: SITE,
  gateway: 'gateway-1',
  epoch: 1,
  size: 2,
  issued: at,
  root: tree.root,
});
const receipt = inclusionReceipt(head, { treeSize: 2, leafIndex: 0, path: [hash] });

const drafts: readonly PolicyDraft[] = [
  { type: 'catalogue', body: entries([1, 'anything']) },
  { type: 'rules', body: entries() },
  {
    type: 'revocations',
    revocations: [
      { thumbprint: hash, at, reason: 'lost' },
      { thumbprint: hash.map(() => 2), at, lastTrusted: { logId: sixteen, seq: 7, hash } },
    ],
  },
  { type: 'keys', certificates },
  { type: 'primary', gateway: 'gateway-1', term: 2 },
];
const policies = drafts.map((draft) => signPolicy(key, { number: 4, issued: at, site: SITE }, draft));

const grant: Grant = {
  ...{ serial: 'sn-1', site: SITE, device: 'band-9', at, anchors: [certificate], certificate },
};
const grants = [
  signGrant(key, grant),
  signGrant(key, {
    ...grant,
    ...{ anchors: [certificate, certificate], deviceKey: hash, policies: policies.slice(2, 3) },
    enrolment: approvedBody(
      enrolAction({ nonce: sixteen, at, step: 'issued', account: 'account-1', band: 'band-9' }),
      [approve(key, SITE, hash)],
    ),
  }),
];
const order: Wipe = { site: SITE, device: 'band-9', thumbprint: hash, at, force: false };
const wipes = [
  signWipe(key, order),
  signWipe(key, { ...order, force: true }, certificate),
  signWipe(shared, order),
];
const possession = [key, p256].map((each) => signPossession(each, 'sn-1', { nonce: sixteen, site: SITE }));
const registered = {
  ...{ device: 'band-9', serial: 'sn-1', certificate, hardware: 'b1', firmware: '1.0.0' },
};
const notes: readonly RegisterNote[] = [
  { what: 'opened', certificate },
  { what: 'certified', certificate },
  { what: 'granted', ...registered },
  {
    ...{ what: 'issued', ...registered, account: 'account-1', replaces: 'band-8' },
    ...{ deviceKey: hash, irk: sixteen },
  },
  { what: 'revoked', device: 'band-8', policy: policies[2] ?? hash },
  { what: 'wiped', device: 'band-9', serial: 'sn-1', thumbprint: hash, forced: true },
];

const forwarded = {
  ...{ site: SITE, gateway: 'gateway-2', number: 7, certificate, epoch: 1, from: 1, before: hash, oldest: 1 },
  ...{ records: [sixteen], seal: seals[0] ?? hash, asked: at, answered: at },
};
const earlier = { logId: sixteen, seq: 3, head: hash };
const forwards = [forwarded, { ...forwarded, epoch: 2, previous: earlier }].map((each) =>
  signForward(key, certificate, each),
);
const outcomes: readonly ForwardOutcome[] = [
  { outcome: 'stored', upto: 2, hash, ack: acks[0] ?? hash },
  { outcome: 'lacks', upto: 2, hash },
  { outcome: 'refused', code: 'log/fork' },
  { outcome: 'later', code: 'forward/disk' },
];
const forwardAnswers = outcomes.map((each) => {
  const about = { site: SITE, gateway: 'gateway-1', to: 'gateway-2', number: 7, digest: hash };
  return signForwardAnswer(key, certificate, { ...about, ...each });
});
const renewal = encode(['tb-renewal', 1, at, certificate, possession[0] ?? hash]);

const channel = new SecureChannel((label, _context, length) => new Uint8Array(length).fill(label), 'gateway');
const body = channel.seal({ op: 0, group: 84, id: 1 }, encode(entries([1, 0]))).payload;
/** A CBOR sequence of two items as the array of the same two. */
const pair = (sequence: Uint8Array) => concat(Uint8Array.of(0x82), sequence);
/** Of fixed bytes: of random ones every two hundredth is by chance a CBOR item, which nothing describes. */
const answered = answerNonce(shared, sixteen, new Uint8Array(16).fill(0xff));

const encrypt0 = Fields.of(decodeStrict(body), 'body').bytes(0);

/** Inputs of hashes and MACs are not on the wire; they are written as SPEC.md has them. */
const inputs: Readonly<Record<string, readonly CborValue[]>> = {
  'log-genesis': [
    ['tb-log', 1, SITE, 'reader-1', hash, 1, null, null, null],
    ['tb-log', 1, SITE, 'reader-1', hash, 2, sixteen, 17, hash],
  ],
  'event-genesis': [['tb-events', 1, SITE, 'gateway-1', hash, 1]],
  'joint-nonce-input': [['tb-meet', 1, sixteen, sixteen]],
  'roster-input': [['tb-roster', 1, sixteen, ['band-1', 'band-2']]],
  'device-key-info': [['timeband', 1, 'device-key', SITE, 'band-9', 1]],
  'purpose-key-info': [['timeband', 1, 'seal', 'up', SITE, 'band-9']],
  'session-aad': [
    ['timeband', 1, 'session', 0, 84, 1],
    ['timeband', 1, 'session', 1, 84, 1, 7],
  ],
  'device-proof-input': [['device', SITE, sixteen, sixteen]],
  'gateway-proof-input': [['gateway', SITE, 'gateway-1', sixteen, sixteen]],
  'cose-key': [toCoseKey(key.publicKey), toCoseKey(p256.publicKey)],
  'key-required': [entries([1, 1], [-1, 6], [-2, hash]), entries([1, 4], [-1, hash])],
};

export const samples: Readonly<Record<string, readonly Uint8Array[]>> = {
  record: records,
  answer: [
    answer,
    signAnswer(shared, SITE, {
      what: 'possession',
      nonce: sixteen,
      challenger: 'gateway-1',
      service: 0,
      direction: 'none',
      counter: 1,
      sincePress: 0,
    }),
  ],
  statement: [statement],
  'authentic-detached': [key, shared].map((each) => signStatement(each, SITE, statement)),
  certificate: certificates,
  seal: seals,
  ack: acks,
  clock: clocks,
  forward: forwards,
  'forward-answer': forwardAnswers,
  'renewal-request': [renewal],
  policy: policies,
  possession,
  grant: grants,
  wipe: wipes,
  'register-entry': notes.map((note, i) =>
    sign1(
      key,
      externalAad('register', SITE),
      encodeEntry({ number: i + 1, previous: hash, at, site: SITE, note }),
    ),
  ),
  event: events,
  'event-message': encodeCommit(events, tree, signCommit(key, SITE, tree.root)),
  'tree-head': [head],
  receipt: [receipt],
  'consistency-receipt': [consistencyReceipt(head, { earlierSize: 1, laterSize: 2, path: [hash] })],
  'portable-receipt': [
    encodeReceipt({ event: anEvent, receipt, certificate }),
    encodeReceipt({ event: anEvent, receipt, certificate: undefined }),
  ],
  encrypt0: [encrypt0],
  'device-proof-message': [pair(answered.message)],
  'gateway-proof-message': [pair(proveGateway(shared, answered.next.nonces, 'gateway-1'))],
  'external-aad': [externalAad('seal', SITE)],
  'session-context': [SESSION_CONTEXT],
  ...Object.fromEntries(Object.entries(inputs).map(([rule, values]) => [rule, values.map(encode)])),
  ...commandSamples({
    seal: seals[0] ?? hash,
    ack: acks[0] ?? hash,
    clock: clocks[0] ?? hash,
    certificate,
    encrypt0,
    possession: possession[0] ?? hash,
  }),
};

/** What a later version might write, of which this one has to keep the bytes. */
export const laterSamples: Readonly<Record<string, readonly Uint8Array[]>> = { record: laterRecords };
