/** Makes `vectors/spine.json`, or shows that the code has come to write other bytes. `vitest -u` makes it anew. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { encode, type CborMap } from '../cbor/index.js';
import { keyThumbprint } from '../cose/index.js';
import { issueCertificate } from '../cwt/index.js';
import {
  encodeCommit,
  encodeEvent,
  eventGenesis,
  eventHash,
  MerkleTree,
  signCommit,
  type Event,
} from '../event/index.js';
import {
  chainHash,
  encodeRecord,
  genesisHash,
  logIdOf,
  signAck,
  signClock,
  signSeal,
  verifySeal,
} from '../log/index.js';
import { deviceBody, KIND, punchBody, tagId } from '../records/index.js';
import { COMMAND, encodeFrame, encodePacket, OP, TIMEBAND_GROUP, type SmpPacket } from '../smp/index.js';
import { keyFromSeed, seedOf } from '../test-support/index.js';

const site = 'dahaiyang';
const seeds = { issuer: seedOf('issuer'), gateway: seedOf('gateway'), reader: seedOf('reader') };
const issuer = keyFromSeed(seeds.issuer);
const gateway = keyFromSeed(seeds.gateway);
const reader = keyFromSeed(seeds.reader);

const certify = (subject: string, role: 'gateway' | 'reader', key = reader): Uint8Array =>
  issueCertificate(issuer, {
    ...{ issuer: 'dahaiyang-issuer', subject, role, site },
    ...{ notBefore: 1_750_000_000, expires: 1_757_000_000, key: key.publicKey },
  });

const genesis = genesisHash({
  site,
  device: 'reader-1',
  thumbprint: keyThumbprint(reader.publicKey),
  epoch: 1,
});
const logId = logIdOf(genesis);
const uid = fromHex('04a1b2c3d4e5f6');

const boot = encodeRecord({
  ...{ kind: KIND.device, seq: 1, boot: 1, uptime: 0, time: { quality: 'unset' } },
  ...{ salt: fromHex('0011223344556677'), body: deviceBody({ event: 'boot', firmware: '1.0.0' }) },
});
const punch = encodeRecord({
  ...{ kind: KIND.punch, seq: 2, boot: 1, uptime: 61 },
  time: { quality: 'set', wall: 1_750_003_600, age: 60 },
  salt: fromHex('8899aabbccddeeff'),
  body: punchBody({ direction: 'in', service: 7, uid }),
});
const afterBoot = chainHash(genesis, boot);
const head = chainHash(afterBoot, punch);

const nonce = fromHex('000102030405060708090a0b0c0d0e0f');
const seal = signSeal(reader, site, {
  ...{ logId, first: 1, last: 2, hashBefore: genesis, hashLast: head, nonce },
  ...{ boot: 1, uptime: 62, time: { quality: 'set', wall: 1_750_003_601, age: 61 } },
});
const sealId = verifySeal(seal, reader.publicKey, site).id;
const clockNonce = fromHex('a0a1a2a3a4a5a6a7');

const eventOf = (
  seq: number,
  previous: Uint8Array,
  rest: Pick<Event, 'type' | 'logPrevious' | 'record' | 'band'>,
): Uint8Array =>
  encodeEvent({
    ...{
      site,
      gateway: 'gateway-1',
      epoch: 1,
      seq,
      previous,
      device: 'reader-1',
      logId,
      logSeq: seq,
      sealId,
    },
    ...{
      evidence: seq === 1 ? 2 : 0,
      time: { earliest: 1_750_003_598, latest: 1_750_003_602 },
      recorded: 1_750_003_602,
    },
    ...rest,
  });
const events = [
  eventOf(1, eventGenesis(site, 'gateway-1', keyThumbprint(gateway.publicKey), 1), {
    type: 'device',
    logPrevious: genesis,
    record: boot,
  }),
];
events.push(
  eventOf(2, eventHash(events[0] ?? boot), {
    type: 'punch',
    logPrevious: afterBoot,
    record: punch,
    band: tagId(uid),
  }),
);
const tree = new MerkleTree(events.map(eventHash));
const messages = encodeCommit(events, tree, signCommit(gateway, site, tree.root));

const packetOf = (op: SmpPacket['op'], sequence: number, body: CborMap): Uint8Array =>
  encodePacket({ op, group: TIMEBAND_GROUP, sequence, id: COMMAND.status.id, payload: encode(body) });
const request = packetOf(OP.read, 7, COMMAND.status.encodeRequest({ seen: 1 }));
const answer = packetOf(
  OP.readResponse,
  7,
  COMMAND.status.encodeAnswer({ head: 2, sealed: 1, boot: 1, full: false, newest: punch }),
);

const spine = {
  about: 'One tap on its way from a reader to an event, as SPEC.md describes it. All bytes are hexadecimal.',
  warning: 'These private keys are published. They are for tests; a site that trusts them trusts everybody.',
  site,
  keys: Object.fromEntries(
    Object.entries(seeds).map(([name, seed]) => [
      name,
      {
        ed25519Seed: toHex(seed),
        publicKey: toHex(keyFromSeed(seed).publicKey.x),
        thumbprint: toHex(keyThumbprint(keyFromSeed(seed).publicKey)),
      },
    ]),
  ),
  certificates: {
    validFrom: 1_750_000_000,
    validUntil: 1_757_000_000,
    reader: { subject: 'reader-1', cwt: toHex(certify('reader-1', 'reader')) },
    gateway: { subject: 'gateway-1', cwt: toHex(certify('gateway-1', 'gateway', gateway)) },
  },
  log: {
    device: 'reader-1',
    epoch: 1,
    genesis: toHex(genesis),
    logId: toHex(logId),
    records: [boot, punch].map(toHex),
    hashes: [afterBoot, head].map(toHex),
  },
  seal: { nonce: toHex(nonce), message: toHex(seal), id: toHex(sealId) },
  ack: {
    upto: 2,
    message: toHex(
      signAck(gateway, {
        ...{ logId, upto: 2, hash: head, site, gateway: 'gateway-1' },
        ...{ revocations: 0, durability: 'box' },
      }),
    ),
  },
  clock: {
    nonce: toHex(clockNonce),
    wall: 1_750_003_540,
    message: toHex(
      signClock(gateway, {
        device: 'reader-1',
        nonce: clockNonce,
        wall: 1_750_003_540,
        site,
        gateway: 'gateway-1',
      }),
    ),
  },
  commit: {
    genesis: toHex(eventGenesis(site, 'gateway-1', keyThumbprint(gateway.publicKey), 1)),
    events: events.map(toHex),
    hashes: events.map((event) => toHex(eventHash(event))),
    root: toHex(tree.root),
    messages: messages.map(toHex),
  },
  frames: [
    { says: 'status, seen 1', packet: toHex(request), line: toHex(encodeFrame(request)) },
    {
      says: 'head 2, sealed 1, boot 1, newest record',
      packet: toHex(answer),
      line: toHex(encodeFrame(answer)),
    },
  ],
};

describe('the published vectors', () => {
  it('are what the code writes', async () => {
    const file = fileURLToPath(new URL('../../vectors/spine.json', import.meta.url));
    await expect(`${JSON.stringify(spine, null, 2)}\n`).toMatchFileSnapshot(file);
  });
});
