/** What a gateway signs for a device, acks and clock documents; and proofs of single records. */
import { fromHex } from '../../bytes.js';
import { encode, entries } from '../../cbor/index.js';
import {
  ackLabel,
  certificateLabel,
  clockLabel,
  coseLabel,
  punchLabel,
  recordLabel,
  sealLabel,
  type Label,
} from '../../cbor-text/index.js';
import { externalAad, sign1 } from '../../cose/index.js';
import { proveRecord, signAck, signClock, type Ack, type RecordProof } from '../../log/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import {
  afterBoot,
  boot,
  certificates,
  certify,
  genesis,
  head,
  keys,
  logId,
  punch,
  seal,
  sealId,
  site,
} from './scene.js';

/** Both records of the scene, durable on the box. */
export const ackOfTwo: Ack = {
  ...{ logId, upto: 2, hash: head, site, gateway: 'gateway-1' },
  ...{ revocations: 0, durability: 'box' },
};

export const acks = (): VectorFile => {
  const ack = ackOfTwo;
  const label = coseLabel(ackLabel);
  const context = { key: 'gateway', site };
  const about = { label, context, cddl: 'ack' };
  const payload = (durability: number, ownSite = site): Uint8Array =>
    encode(entries([1, logId], [2, 2], [3, head], [4, ownSite], [5, 'gateway-1'], [6, 0], [7, durability]));
  const signed = (bytes: Uint8Array): Uint8Array => sign1(keys.gateway, externalAad('ack', site), bytes);
  return vectorFile(
    { structure: 'ack', section: 'Ack', about: 'The gateway’s word that records are durable.' },
    { gateway: keys.gateway, reader: keys.reader },
    [
      valid('durable on the box', signAck(keys.gateway, ack), ack, about),
      valid(
        'durable in the city, revocation list 3',
        signAck(keys.gateway, { ...ack, revocations: 3, durability: 'city' }),
        { ...ack, revocations: 3, durability: 'city' },
        about,
      ),
      valid('a durability from a later version counts as box', signed(payload(9)), ack, about),
      invalid('signed for one site, naming another', signed(payload(1, 'xiaohaiyang')), 'ack/refused', {
        label,
        context,
      }),
      invalid('signed by the device itself', signAck(keys.reader, ack), 'cose/kid', { label, context }),
      invalid('one bit of the signature changed', damaged(signAck(keys.gateway, ack)), 'cose/signature', {
        label,
        context,
      }),
      invalid(
        'a hash of another length',
        signAck(keys.gateway, { ...ack, hash: head.subarray(1) }),
        'cbor/shape',
        { label, context },
      ),
    ],
  );
};

export const clocks = (): VectorFile => {
  const document = {
    ...{ device: 'reader-1', nonce: fromHex('a0a1a2a3a4a5a6a7'), wall: 1_750_003_540 },
    ...{ site, gateway: 'gateway-1' },
  };
  const unset = { ...document, wall: undefined };
  const label = coseLabel(clockLabel);
  const context = { key: 'gateway', site };
  const about = { label, context, cddl: 'clock' };
  const elsewhere = encode(
    entries([1, 'reader-1'], [2, document.nonce], [4, 'xiaohaiyang'], [5, 'gateway-1']),
  );
  return vectorFile(
    { structure: 'clock', section: 'Clock', about: 'The gateway’s time, in answer to the device’s nonce.' },
    { gateway: keys.gateway, stranger: keys.stranger },
    [
      valid('with a time', signClock(keys.gateway, document), document, about),
      valid('without a time: the gateway’s own clock is unset', signClock(keys.gateway, unset), unset, about),
      invalid(
        'signed for one site, naming another',
        sign1(keys.gateway, externalAad('clock', site), elsewhere),
        'clock/refused',
        { label, context },
      ),
      invalid('by a stranger', signClock(keys.stranger, document), 'cose/kid', { label, context }),
      invalid(
        'a nonce of seven bytes',
        signClock(keys.gateway, { ...document, nonce: document.nonce.subarray(1) }),
        'cbor/shape',
        { label, context },
      ),
    ],
  );
};

export const recordProofs = (): VectorFile => {
  const label: Label = {
    elements: [
      ...['label', 'version', 'seq', 'previous'].map((name) => ({ name })),
      { ...recordLabel(punchLabel), name: 'record', content: recordLabel(punchLabel) },
      { name: 'hashes of the later records' },
      { name: 'seal', content: coseLabel(sealLabel) },
      { name: 'certificate', content: certificateLabel },
    ],
  };
  const context = { issuers: ['issuer'], site };
  const about = { label, context };
  const { reader: certificate } = certificates;
  const first = { seq: 1, previous: genesis, record: boot, seal, certificate };
  const second = { seq: 2, previous: afterBoot, record: punch, seal, certificate };
  const proof = (changes: Partial<RecordProof>): Uint8Array => proveRecord({ ...second, ...changes }, []);
  const says = (seq: number, record: Uint8Array) => ({ device: 'reader-1', seq, record, sealId });
  const refused = (name: string, bytes: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase =>
    invalid(name, bytes, code, about);
  const other = certify('reader-1', 'reader', keys.gateway);
  return vectorFile(
    {
      structure: 'record-proof',
      section: 'Record proof',
      about: 'That a device signed one record, without showing any other.',
    },
    { issuer: keys.issuer, reader: keys.reader, gateway: keys.gateway },
    [
      valid('the first of two records', proveRecord(first, [punch]), says(1, boot), about),
      valid('the second of two records', proof({}), says(2, punch), about),
      refused('one byte of the record changed', proof({ record: damaged(punch) }), 'log/mismatch'),
      refused('another hash before it', proof({ previous: genesis }), 'log/mismatch'),
      refused('a record beyond the seal', proof({ seq: 3 }), 'seal/range'),
      refused('one bit of the seal changed', proof({ seal: damaged(seal) }), 'seal/signature'),
      refused('a certificate of another key', proof({ certificate: other }), 'seal/signature'),
      refused('a hash of 31 bytes', proof({ previous: genesis.subarray(1) }), 'log/proof'),
      refused('something that is no proof', encode(['tb-other', 1]), 'log/proof'),
    ],
  );
};
