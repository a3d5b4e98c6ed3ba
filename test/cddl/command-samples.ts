/** The bodies of every command of group 84, as both sides write them. */
import {
  ALG,
  type CborMap,
  COMMAND,
  encode,
  type FactoryReport,
  HANDSHAKE_METHOD,
  type HandshakeMethod,
  PrivateKey,
} from '@timeband/protocol';
import { answer, hash, sixteen, statement, word } from './record-samples.js';

const empty: CborMap = new Map();
const eight = new Uint8Array(8);
const identity = {
  device: 'reader-1',
  firmware: '1.0.0',
  hardware: 'r2',
  boot: 1,
  logId: sixteen,
  epoch: 1,
  oldest: 1,
  acked: 0,
};
const factory: FactoryReport = {
  ...{
    state: 'blank',
    role: 'reader',
    serial: 'sn-1',
    hardware: 'r2',
    firmware: '1.0.0',
    algorithms: [-8, 5],
  },
};
const challenge = {
  nonce: sixteen,
  what: 'punch',
  challenger: 'reader-1',
  service: 101,
  direction: 'in',
} as const;
const methods = Object.keys(HANDSHAKE_METHOD) as HandshakeMethod[];

/** Bodies by rule. What is a COSE message of another section comes as an argument. */
export function commandSamples(message: {
  readonly seal: Uint8Array;
  readonly ack: Uint8Array;
  readonly clock: Uint8Array;
  readonly certificate: Uint8Array;
  readonly encrypt0: Uint8Array;
  readonly possession: Uint8Array;
}): Readonly<Record<string, readonly Uint8Array[]>> {
  const bodies: Readonly<Record<string, readonly CborMap[]>> = {
    'identity-request': [COMMAND.identity.encodeRequest(undefined)],
    'identity-answer': [
      COMMAND.identity.encodeAnswer(identity),
      COMMAND.identity.encodeAnswer({ ...identity, previous: { logId: sixteen, seq: 4, head: hash } }),
    ],
    'status-request': [COMMAND.status.encodeRequest({ seen: 1 })],
    'status-answer': [
      COMMAND.status.encodeAnswer({ head: 2, sealed: 1, boot: 1, full: true, newest: eight }),
      COMMAND.status.encodeAnswer({ head: 2, sealed: 2, boot: 1, full: false }),
    ],
    'records-request': [COMMAND.records.encodeRequest({ from: 1, bytes: 352 })],
    'records-answer': [COMMAND.records.encodeAnswer([]), COMMAND.records.encodeAnswer([eight, eight])],
    'seal-request': [COMMAND.seal.encodeRequest({ nonce: sixteen, upto: 2 })],
    'seal-answer': [COMMAND.seal.encodeAnswer(message.seal)],
    'ack-request': [COMMAND.ack.encodeRequest(message.ack)],
    'ack-answer': [COMMAND.ack.encodeAnswer({ acked: 2 })],
    'clock-nonce-request': [COMMAND.clockNonce.encodeRequest(undefined)],
    'clock-nonce-answer': [COMMAND.clockNonce.encodeAnswer(eight)],
    'clock-request': [COMMAND.clock.encodeRequest(message.clock)],
    'clock-answer': [COMMAND.clock.encodeAnswer(undefined)],
    'feedback-request': [
      COMMAND.feedback.encodeRequest({ seq: 2, outcome: 'accepted', minutes: 60, balance: 120 }),
      COMMAND.feedback.encodeRequest({ seq: 2, outcome: 'queued' }),
      COMMAND.feedback.encodeRequest({ seq: 2, outcome: 'refused', because: 'again' }),
    ],
    'feedback-answer': [COMMAND.feedback.encodeAnswer(undefined)],
    'hello-request': [COMMAND.hello.encodeRequest(message.certificate)],
    'hello-answer': [COMMAND.hello.encodeAnswer(undefined)],
    'certificate-request': [
      COMMAND.certificate.encodeRequest(undefined),
      COMMAND.certificate.encodeRequest(eight),
    ],
    'certificate-answer': [COMMAND.certificate.encodeAnswer(message.certificate)],
    'handshake-request': [
      ...methods.map((method) => COMMAND.handshake.encodeRequest({ method, nonce: sixteen })),
      COMMAND.handshake.encodeRequest({ message: eight }),
    ],
    'handshake-answer': [COMMAND.handshake.encodeAnswer(eight), empty],
    'policies-request': [COMMAND.policies.encodeRequest(undefined)],
    'policies-answer': [
      COMMAND.policies.encodeAnswer([]),
      COMMAND.policies.encodeAnswer([{ type: 3, number: 7 }]),
    ],
    'put-request': [
      COMMAND.put.encodeRequest({ what: 'receipt', offset: 0, data: eight, total: 16 }),
      COMMAND.put.encodeRequest({ what: 'receipt', offset: 8, data: eight }),
    ],
    'put-answer': [COMMAND.put.encodeAnswer({ next: 16 })],
    'challenge-request': [COMMAND.challenge.encodeRequest(challenge)],
    'challenge-answer': [COMMAND.challenge.encodeAnswer(answer)],
    'meet-request': [COMMAND.meet.encodeRequest({ nonce: sixteen, service: 101 })],
    'meet-answer': [COMMAND.meet.encodeAnswer(sixteen)],
    'attest-request': [COMMAND.attest.encodeRequest({ statement, answer: word })],
    'attest-answer': [COMMAND.attest.encodeAnswer(word)],
    'factory-request': [COMMAND.factory.encodeRequest(undefined)],
    'factory-answer': [
      COMMAND.factory.encodeAnswer(factory),
      COMMAND.factory.encodeAnswer({
        ...{ ...factory, state: 'provisioned', thumbprint: hash },
        ...{ device: 'reader-1', site: 'dahaiyang' },
      }),
    ],
    'make-key-request': [COMMAND.makeKey.encodeRequest({ algorithm: ALG.ES256 })],
    'make-key-answer': [COMMAND.makeKey.encodeAnswer(PrivateKey.generate().publicKey)],
    'possession-request': [COMMAND.possession.encodeRequest({ nonce: sixteen, site: 'dahaiyang' })],
    'possession-answer': [COMMAND.possession.encodeAnswer(message.possession)],
    'resolving-key-request': [COMMAND.resolvingKey.encodeRequest(undefined)],
    'resolving-key-answer': [COMMAND.resolvingKey.encodeAnswer(sixteen)],
    'protected-body': [new Map([[0, message.encrypt0]])],
    refusal: [
      new Map([['rc', 8]]),
      new Map([
        [
          'err',
          new Map([
            ['rc', 2],
            ['group', 84],
          ]),
        ],
      ]),
    ],
  };
  return Object.fromEntries(Object.entries(bodies).map(([rule, maps]) => [rule, maps.map(encode)]));
}
