/** Requests and answers of every command of group 84. */
import { fromHex } from '../../bytes.js';
import { type CborMap, encode, entries } from '../../cbor/index.js';
import {
  annotatePacket,
  certificateLabel,
  coseLabel,
  punchLabel,
  recordLabel,
  sealLabel,
  type Label,
} from '../../cbor-text/index.js';
import { keyThumbprint } from '../../cose/index.js';
import { ALG } from '../../crypto/index.js';
import { COMMAND, type Feedback, OP, OUTCOME, type Command } from '../../smp/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { packetOf } from './frames.js';
import { boot, certificates, keys, logId, nonce, punch, seal } from './scene.js';

/** Request and answer of a command. */
function exchange<Request, Answer>(
  command: Command<Request, Answer>,
  request: NoInfer<Request>,
  answer: NoInfer<Answer>,
  labels: { readonly request?: Label; readonly answer?: Label } = {},
): VectorCase[] {
  const { id, name, op } = command;
  const context = { command: name };
  const [asks, answers] = op === 'read' ? [OP.read, OP.readResponse] : [OP.write, OP.writeResponse];
  const asked = packetOf(asks, id, encode(command.encodeRequest(request)));
  const answered = packetOf(answers, id, encode(command.encodeAnswer(answer)));
  const says = (named: string, body: unknown) => ({ op: named, ...(body === undefined ? {} : { body }) });
  return [
    valid(`${name}, ${op}: request`, asked, says(op, request), {
      context,
      lines: annotatePacket(asked, labels.request),
    }),
    valid(`${name}, ${op}: answer`, answered, says(`${op}Response`, answer), {
      context,
      lines: annotatePacket(answered, labels.answer),
    }),
  ];
}

const identity = {
  ...{ device: 'reader-1', firmware: '1.0.0', hardware: 'reader-a', boot: 1 },
  ...{ logId, epoch: 2, oldest: 1, acked: 0 },
};
const label1 = (label: Label): Label => ({ fields: { 1: label } });
const signed = (name: string, payload?: Label): Label => label1({ ...coseLabel(payload), name });

export const commands = (): VectorFile => {
  const { status } = COMMAND;
  const unseen = { head: 2, sealed: 1, boot: 1, full: false };
  const answer = (body: CborMap): Uint8Array => packetOf(OP.readResponse, status.id, encode(body));
  const about = (bytes: Uint8Array, more: Readonly<Record<string, unknown>> = {}) => ({
    context: { command: 'status', ...more },
    lines: annotatePacket(bytes),
  });
  const refusedCase = (name: string, body: CborMap): VectorCase => {
    const bytes = answer(body);
    return invalid(name, bytes, 'smp/device', about(bytes));
  };
  const broken = (name: string, payload: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase => {
    const bytes = packetOf(OP.readResponse, status.id, payload);
    return invalid(name, bytes, code, about(bytes));
  };
  const forgetful = answer(status.encodeAnswer(unseen));
  return vectorFile(
    {
      structure: 'smp-command',
      section: 'Commands',
      about: 'Requests and answers of group 84, with their header. The context names the command.',
    },
    {},
    [
      ...exchange(COMMAND.identity, undefined, identity),
      ...exchange(COMMAND.identity, undefined, {
        ...identity,
        previous: { logId: nonce, seq: 9, head: new Uint8Array(32).fill(9) },
      })
        .slice(1)
        .map((one) => ({ ...one, name: 'identity, read: answer of a later epoch' })),
      ...exchange(
        status,
        { seen: 1 },
        { ...unseen, newest: punch },
        {
          request: label1({ name: 'seen' }),
          answer: {
            fields: {
              1: { name: 'head' },
              2: { name: 'sealed' },
              3: { name: 'boot' },
              4: { name: 'full' },
              5: { ...recordLabel(punchLabel), name: 'newest', content: recordLabel(punchLabel) },
            },
          },
        },
      ),
      ...exchange(COMMAND.records, { from: 1, bytes: 352 }, [boot, punch]),
      ...exchange(COMMAND.seal, { nonce, upto: 2 }, seal, { answer: signed('seal', sealLabel) }),
      ...exchange(COMMAND.ack, seal, { acked: 2 }, { request: signed('ack') }),
      ...exchange(COMMAND.clockNonce, undefined, nonce.subarray(0, 8)),
      ...exchange(COMMAND.clock, seal, undefined, { request: signed('clock document') }),
      ...exchange(COMMAND.feedback, { seq: 2, outcome: 'accepted', minutes: 45, balance: 120 }, undefined),
      ...exchange(COMMAND.hello, certificates.gateway, undefined, {
        request: label1({ ...certificateLabel, name: 'certificate' }),
      }),
      ...exchange(COMMAND.certificate, undefined, certificates.reader, {
        answer: label1({ ...certificateLabel, name: 'certificate' }),
      }),
      ...handshakes(),
      ...exchange(COMMAND.policies, undefined, [
        { type: 3, number: 7 },
        { type: 5, number: 1 },
      ]),
      ...exchange(
        COMMAND.put,
        { what: 'policy', offset: 0, data: fromHex('0102030405'), total: 900 },
        { next: 5 },
      ),
      ...exchange(
        COMMAND.challenge,
        { nonce, what: 'punch', challenger: 'reader-1', service: 7, direction: 'in' },
        seal,
        { answer: signed('answer') },
      ),
      ...exchange(COMMAND.meet, { nonce, service: 7 }, nonce),
      ...exchange(COMMAND.attest, { statement: fromHex('a0'), answer: seal }, seal),
      ...exchange(COMMAND.factory, undefined, {
        ...{ state: 'keyed', role: 'reader', serial: 'sn-1', hardware: 'reader-a', firmware: '1.0.0' },
        ...{ algorithms: [ALG.EdDSA], thumbprint: keyThumbprint(keys.reader.publicKey) },
      }),
      ...exchange(COMMAND.makeKey, { algorithm: ALG.EdDSA }, keys.reader.publicKey),
      ...exchange(COMMAND.possession, { nonce, site: 'dahaiyang' }, seal, { answer: signed('proof') }),
      ...exchange(COMMAND.resolvingKey, undefined, nonce),
      refusedCase(
        'refused in the form of version 2',
        new Map([
          [
            'err',
            new Map([
              ['rc', 8],
              ['group', 84],
            ]),
          ],
        ]),
      ),
      refusedCase('refused in the form of version 1', new Map([['rc', 8]])),
      broken('an answer that is no map', encode([1]), 'smp/answer'),
      broken('an answer that lacks a field', encode(entries([1, 2])), 'cbor/shape'),
      broken('an answer with a tag in it', fromHex('a101c100'), 'cbor/tag'),
      invalid('a head below what is stored', forgetful, 'log/rollback', about(forgetful, { stored: 3 })),
      saysWhy(),
      unknownOutcome(),
    ],
  );
};

/** The first step of either method, and one that carries a message. */
function handshakes(): VectorCase[] {
  const { handshake } = COMMAND;
  const named = (name: string, cases: readonly VectorCase[]): VectorCase[] =>
    cases.map((one) => ({ ...one, name: `${one.name}, ${name}` }));
  return [
    ...named('EDHOC begins', exchange(handshake, { method: 'edhoc' }, nonce)),
    ...named('by MAC begins', exchange(handshake, { method: 'mutualMac', nonce }, nonce)),
    ...named('a message', exchange(handshake, { message: nonce }, undefined)),
  ];
}

function saysWhy(): VectorCase {
  const feedback: Feedback = { seq: 3, outcome: 'refused', because: 'proof' };
  const { id, name } = COMMAND.feedback;
  const bytes = packetOf(OP.write, id, encode(COMMAND.feedback.encodeRequest(feedback)));
  return valid(
    'feedback that says why',
    bytes,
    { op: 'write', body: feedback },
    { context: { command: name }, lines: annotatePacket(bytes) },
  );
}

function unknownOutcome(): VectorCase {
  const bytes = packetOf(OP.write, COMMAND.feedback.id, encode(entries([1, 2], [2, 1 + OUTCOME.queued])));
  return invalid('feedback with an outcome that nobody defined', bytes, 'cbor/shape', {
    context: { command: 'feedback' },
    lines: annotatePacket(bytes),
  });
}
