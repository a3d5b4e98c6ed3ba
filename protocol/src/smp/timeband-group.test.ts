import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeLenient, encode, entries, type CborMap } from '../cbor/index.js';
import { codeOf, id, ScriptedLink, uint32 } from '../test-support/index.js';
import { SmpClient } from './client.js';
import { call, TIMEBAND_GROUP, type Command } from './command.js';
import { MAX_HELD_POLICIES } from './exchange-commands.js';
import { COMMAND } from './timeband-group.js';

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const blob = fc.uint8Array({ maxLength: 64 });
const optional = fc.option(uint32, { nil: undefined });
const nothing = fc.constant(undefined);

/** Byte strings as hex, so that views of different classes compare equal. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, readable(field)]));
}

function comesBack<Request, Answer>(
  command: Command<Request, Answer>,
  requests: fc.Arbitrary<Request>,
  answers: fc.Arbitrary<Answer>,
): void {
  const overTheWire = (map: CborMap): CborMap => decodeLenient(encode(map)) as CborMap;
  fc.assert(
    fc.property(requests, answers, (request, answer) => {
      expect(readable(command.decodeRequest(overTheWire(command.encodeRequest(request))))).toEqual(
        readable(request),
      );
      expect(readable(command.decodeAnswer(overTheWire(command.encodeAnswer(answer))))).toEqual(
        readable(answer),
      );
    }),
  );
}

const previous = fc.record({ logId: bytes(16), seq: uint32, head: bytes(32) });
const nonce = bytes(16);
const challenge = fc.record({
  nonce,
  what: fc.constantFrom('punch' as const, 'redeem' as const, 'enrol' as const, 'possession' as const),
  challenger: id,
  service: uint32,
  direction: fc.constantFrom('none' as const, 'in' as const, 'out' as const),
});
const put = fc.record({
  what: fc.constantFrom('policy' as const, 'receipt' as const, 'certificate' as const),
  ...{ offset: uint32, data: blob, total: optional },
});
const step = fc.oneof(
  fc.record({
    method: fc.constantFrom('edhoc' as const, 'mutualMac' as const),
    nonce: fc.option(nonce, { nil: undefined }),
  }),
  fc.record({ message: blob }),
);
const identity = fc.record({
  ...{
    device: id,
    firmware: fc.string(),
    hardware: fc.string(),
    logId: bytes(16),
    epoch: uint32,
  },
  ...{ boot: uint32, oldest: uint32, acked: uint32, previous: fc.option(previous, { nil: undefined }) },
});
const status = fc.record({
  ...{ head: uint32, sealed: uint32, boot: uint32, full: fc.boolean() },
  newest: fc.option(blob, { nil: undefined }),
});
const feedback = fc.record({
  seq: uint32,
  outcome: fc.constantFrom('accepted' as const, 'refused' as const, 'queued' as const),
  ...{ minutes: optional, balance: optional },
});

describe('requests and answers come back the same over the wire', () => {
  it.each<[string, () => void]>([
    [
      'identity',
      () => {
        comesBack(COMMAND.identity, nothing, identity);
      },
    ],
    [
      'status',
      () => {
        comesBack(COMMAND.status, fc.record({ seen: uint32 }), status);
      },
    ],
    [
      'records',
      () => {
        comesBack(COMMAND.records, fc.record({ from: uint32, bytes: optional }), fc.array(blob));
      },
    ],
    [
      'seal',
      () => {
        comesBack(COMMAND.seal, fc.record({ nonce: bytes(16), upto: uint32 }), blob);
      },
    ],
    [
      'ack',
      () => {
        comesBack(COMMAND.ack, blob, fc.record({ acked: uint32 }));
      },
    ],
    [
      'clock nonce',
      () => {
        comesBack(COMMAND.clockNonce, nothing, bytes(8));
      },
    ],
    [
      'clock',
      () => {
        comesBack(COMMAND.clock, blob, nothing);
      },
    ],
    [
      'feedback',
      () => {
        comesBack(COMMAND.feedback, feedback, nothing);
      },
    ],
    [
      'hello',
      () => {
        comesBack(COMMAND.hello, blob, nothing);
      },
    ],
    [
      'certificate',
      () => {
        comesBack(COMMAND.certificate, fc.option(bytes(8), { nil: undefined }), blob);
      },
    ],
    [
      'handshake',
      () => {
        comesBack(COMMAND.handshake, step, fc.option(blob, { nil: undefined }));
      },
    ],
    [
      'policies',
      () => {
        const held = fc.record({ type: fc.integer({ min: 1, max: 255 }), number: fc.integer({ min: 1 }) });
        comesBack(COMMAND.policies, nothing, fc.array(held, { maxLength: MAX_HELD_POLICIES }));
      },
    ],
    [
      'put',
      () => {
        comesBack(COMMAND.put, put, fc.record({ next: uint32 }));
      },
    ],
    [
      'challenge',
      () => {
        comesBack(COMMAND.challenge, challenge, blob);
      },
    ],
    [
      'meet',
      () => {
        comesBack(COMMAND.meet, fc.record({ nonce, service: uint32 }), nonce);
      },
    ],
    [
      'attest',
      () => {
        comesBack(COMMAND.attest, fc.record({ statement: blob, answer: blob }), blob);
      },
    ],
  ])('%s', (_, check) => {
    check();
  });
});

describe('the wrong shape', () => {
  const none: CborMap = new Map();
  it.each<[string, () => unknown]>([
    ['an identity without a device', () => COMMAND.identity.decodeAnswer(none)],
    [
      'an earlier log without its head',
      () => COMMAND.identity.decodeAnswer(identityWith([9, new Uint8Array(16)], [10, 1])),
    ],
    ['a log id of 15 bytes', () => COMMAND.identity.decodeAnswer(identityWith([5, new Uint8Array(15)]))],
    ['a status without a head', () => COMMAND.status.decodeAnswer(entries([2, 1], [3, 1]))],
    [
      'a newest record that is text',
      () => COMMAND.status.decodeAnswer(entries([1, 1], [2, 1], [3, 1], [5, 'x'])),
    ],
    ['a `seen` that is negative', () => COMMAND.status.decodeRequest(entries([1, -1]))],
    ['records asked from nowhere', () => COMMAND.records.decodeRequest(none)],
    ['records that are no array', () => COMMAND.records.decodeAnswer(entries([1, 1]))],
    ['a record that is no bytes', () => COMMAND.records.decodeAnswer(entries([1, [new Uint8Array(), 1]]))],
    [
      'a seal asked with a short nonce',
      () => COMMAND.seal.decodeRequest(entries([1, new Uint8Array(15)], [2, 1])),
    ],
    ['a seal that is no bytes', () => COMMAND.seal.decodeAnswer(entries([1, 'seal']))],
    ['an ack that is a map', () => COMMAND.ack.decodeRequest(entries([1, none]))],
    ['an ack answered by nothing', () => COMMAND.ack.decodeAnswer(none)],
    ['a clock nonce of 9 bytes', () => COMMAND.clockNonce.decodeAnswer(entries([1, new Uint8Array(9)]))],
    ['a clock without a document', () => COMMAND.clock.decodeRequest(none)],
    [
      'a feedback of an outcome that nobody defined',
      () => COMMAND.feedback.decodeRequest(entries([1, 1], [2, 9])),
    ],
    [
      'a feedback of negative minutes',
      () => COMMAND.feedback.decodeRequest(entries([1, 1], [2, 1], [3, -5])),
    ],
    ['a hello without a certificate', () => COMMAND.hello.decodeRequest(none)],
    ['a kid of 7 bytes', () => COMMAND.certificate.decodeRequest(entries([1, new Uint8Array(7)]))],
    ['a handshake by a method that nobody defined', () => COMMAND.handshake.decodeRequest(entries([1, 3]))],
    ['a handshake without a message', () => COMMAND.handshake.decodeRequest(none)],
    ['policies that are not listed', () => COMMAND.policies.decodeAnswer(none)],
    ['a policy without its number', () => COMMAND.policies.decodeAnswer(entries([1, [[3]]]))],
    ['a policy of number 0', () => COMMAND.policies.decodeAnswer(entries([1, [[3, 0]]]))],
    [
      'more policies than there can be',
      () => COMMAND.policies.decodeAnswer(entries([1, Array.from({ length: 17 }, () => [3, 1])])),
    ],
    [
      'a document of a sort that nobody defined',
      () => COMMAND.put.decodeRequest(entries([1, 9], [2, 0], [3, new Uint8Array(1)])),
    ],
    [
      'a challenge with a short nonce',
      () =>
        COMMAND.challenge.decodeRequest(entries([1, new Uint8Array(15)], [2, 1], [3, 'r'], [4, 1], [5, 1])),
    ],
    [
      'a challenge in no direction',
      () =>
        COMMAND.challenge.decodeRequest(entries([1, new Uint8Array(16)], [2, 1], [3, 'r'], [4, 1], [5, 3])),
    ],
    ['a visit without a nonce', () => COMMAND.meet.decodeRequest(entries([2, 1]))],
    ['a visit attested by nobody', () => COMMAND.attest.decodeRequest(entries([1, new Uint8Array(1)]))],
    ['a certificate that is text', () => COMMAND.certificate.decodeAnswer(entries([1, 'cwt']))],
  ])('is refused: %s', (_, read) => {
    expect(codeOf(read)).toBe('cbor/shape');
  });

  it('is not what an unknown field is: later versions may add them', () => {
    expect(COMMAND.ack.decodeAnswer(entries([1, 5], [99, 'new']))).toEqual({ acked: 5 });
  });
});

describe('the table of commands', () => {
  it('has the numbers of SPEC.md, and repeats only what is safe to repeat', () => {
    const table = Object.values(COMMAND).map(({ id: number, op, name, idempotent }) => [
      number,
      op,
      name,
      idempotent,
    ]);
    expect(table).toEqual([
      [0, 'read', 'identity', true],
      [1, 'read', 'status', true],
      [2, 'read', 'records', true],
      [3, 'read', 'seal', true],
      [4, 'write', 'ack', true],
      [5, 'read', 'clock nonce', true],
      [5, 'write', 'clock', false],
      [6, 'write', 'feedback', true],
      [7, 'write', 'hello', true],
      [8, 'read', 'certificate', true],
      [9, 'write', 'handshake', false],
      [10, 'read', 'policies', true],
      [10, 'write', 'put', true],
      [11, 'write', 'challenge', false],
      [12, 'write', 'meet', false],
      [13, 'write', 'attest', false],
      [14, 'read', 'factory', true],
      [14, 'write', 'make key', true],
      [15, 'write', 'possession', true],
      [16, 'read', 'resolving key', true],
    ]);
  });

  it('is what a call goes by', async () => {
    const link = new ScriptedLink();
    const pending = call(new SmpClient(link), COMMAND.ack, Uint8Array.of(1));
    expect(link.sent[0]).toMatchObject({ group: TIMEBAND_GROUP, id: 4, op: 2 });
    link.answer(0, encode(entries([1, 9])));
    expect(await pending).toEqual({ acked: 9 });
  });
});

/** A good identity with fields changed or added. */
function identityWith(...changes: [number, Uint8Array | number][]): CborMap {
  const whole = COMMAND.identity.encodeAnswer({
    ...{ device: 'reader-1', epoch: 1, logId: new Uint8Array(16), boot: 1 },
    ...{ firmware: '1', hardware: '1', oldest: 1, acked: 0 },
  });
  return new Map([...whole, ...changes]);
}
