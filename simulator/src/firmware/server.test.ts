import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  type CborMap,
  COMMAND,
  decodeLenient,
  decodePacket,
  DEFAULT_RECORDS_BYTES,
  encode,
  encodePacket,
  type Link,
  MAX_ID_LENGTH,
  OP,
  OS_COMMAND,
  OS_GROUP,
  randomBytes,
  RC,
  REFUSAL,
  SEAL_NONCE_BYTES,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { Bench, PUNCH } from '../test-support/reader.js';
import { memoryLink } from '../uart/memory-link.js';
import { STATE_SECTORS } from './state-page.js';

interface Asking {
  readonly answers: { readonly sequence: number; readonly body: CborMap; readonly length: number }[];
  readonly ask: (request: { op: 'read' | 'write'; group?: number; id: number; body: CborMap }) => void;
  readonly link: Link;
}

/** Asks a reader over a link in memory; answers are there after a turn of the microtask queue. */
function asking(bench: Bench): Asking {
  const answers: Asking['answers'] = [];
  const link = memoryLink(bench.device);
  link.start({
    packet: (bytes) => {
      const { sequence, payload } = decodePacket(bytes);
      answers.push({ sequence, body: decodeLenient(payload) as CborMap, length: bytes.length });
    },
    fault: (error) => {
      throw error;
    },
    closed: () => undefined,
  });
  let sequence = 0;
  return {
    answers,
    link,
    ask: ({ op, group = TIMEBAND_GROUP, id, body }) => {
      link.send(
        encodePacket({
          op: op === 'read' ? OP.read : OP.write,
          group,
          id,
          sequence: sequence++,
          payload: encode(body),
        }),
      );
    },
  };
}

const status = {
  op: COMMAND.status.op,
  id: COMMAND.status.id,
  body: COMMAND.status.encodeRequest({ seen: 0 }),
};

function sealRequest(upto: number) {
  const body = COMMAND.seal.encodeRequest({ nonce: randomBytes(SEAL_NONCE_BYTES), upto });
  return { op: COMMAND.seal.op, id: COMMAND.seal.id, body };
}

describe('an SMP server', () => {
  it('echoes, and says how large its buffers are', async () => {
    const { ask, answers } = asking(new Bench({ settings: { bufferBytes: 512, bufferCount: 3 } }));
    ask({ op: 'write', group: OS_GROUP, id: OS_COMMAND.echo, body: new Map([['d', 'here']]) });
    ask({ op: 'read', group: OS_GROUP, id: OS_COMMAND.parameters, body: new Map() });
    await Promise.resolve();
    expect(answers.map(({ body }) => Object.fromEntries(body))).toEqual([
      { r: 'here' },
      { buf_size: 512, buf_count: 3 },
    ]);
  });

  it('refuses unknown commands and bodies that lack what is needed, each with its own code', async () => {
    const { ask, answers } = asking(new Bench());
    ask({ op: 'read', id: 99, body: new Map() });
    ask({ op: 'read', group: 999, id: 0, body: new Map() });
    ask({ op: 'read', id: COMMAND.seal.id, body: new Map() });
    ask({ op: 'read', id: COMMAND.records.id, body: COMMAND.records.encodeRequest({ from: 0 }) });
    await Promise.resolve();
    expect(answers.map(({ body }) => body)).toEqual([
      new Map([['rc', RC.notSupported]]),
      new Map([['rc', RC.notSupported]]),
      new Map([['rc', RC.invalid]]),
      new Map([
        [
          'err',
          new Map([
            ['rc', REFUSAL.notAvailable],
            ['group', TIMEBAND_GROUP],
          ]),
        ],
      ]),
    ]);
  });

  it('answers nothing to bytes that are no request, counts them, and goes on', async () => {
    const bench = new Bench();
    const { ask, answers, link } = asking(bench);
    link.send(Uint8Array.of(1, 2, 3));
    link.send(
      encodePacket({ op: OP.readResponse, group: 84, id: 1, sequence: 0, payload: Uint8Array.of(0xa0) }),
    );
    link.send(encodePacket({ op: OP.read, group: 84, id: 1, sequence: 0, payload: new Uint8Array(1_000) }));
    ask(status);
    await Promise.resolve();
    expect(answers).toHaveLength(1);
    expect(bench.device.server.counters).toEqual({ answered: 1, refused: 0, invalid: 0, dropped: 3 });
  });

  it('survives any payload', () => {
    const bench = new Bench();
    const commands = fc.constantFrom(...Object.values(COMMAND).map(({ id, op }) => ({ id, op })));
    fc.assert(
      fc.property(commands, fc.uint8Array({ maxLength: 60 }), ({ id, op }, payload) => {
        const request = { op: op === 'read' ? OP.read : OP.write, group: TIMEBAND_GROUP, id, sequence: 0 };
        bench.device.server.receive(encodePacket({ ...request, payload }));
        bench.timers.advance(100);
      }),
    );
    expect(bench.reader.identity().acked).toBe(0);
  });

  it('signs for as long as a signature takes, and lets others wait meanwhile', async () => {
    const bench = new Bench({ settings: { signMs: 20 } });
    const { ask, answers } = asking(bench);
    ask(sealRequest(1));
    ask(status);
    bench.timers.advance(19.9);
    await Promise.resolve();
    expect(answers).toHaveLength(0);
    bench.timers.advance(0.1);
    await Promise.resolve();
    expect(answers.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  it('drops requests for which no buffer is free', async () => {
    const bench = new Bench({ settings: { bufferCount: 2 } });
    const { ask, answers } = asking(bench);
    ask(sealRequest(1));
    ask(status);
    ask(status);
    bench.timers.advance(20);
    await Promise.resolve();
    expect(answers).toHaveLength(2);
    expect(bench.device.server.counters.dropped).toBe(1);
  });

  it.each([
    [384, undefined],
    [384, 100],
    [2_048, 2_000],
  ])('answers with records that fit a buffer of %i bytes and a limit of %s', async (bufferBytes, bytes) => {
    const bench = new Bench({ settings: { bufferBytes } });
    for (let i = 0; i < 60; i++) bench.reader.tap(PUNCH);
    const { ask, answers } = asking(bench);
    ask({ op: 'read', id: COMMAND.records.id, body: COMMAND.records.encodeRequest({ from: 2, bytes }) });
    await Promise.resolve();
    const [answer] = answers;
    const records = COMMAND.records.decodeAnswer(answer?.body ?? new Map());
    const all = bench.records(2);
    const encoded = (count: number): number =>
      all.slice(0, count).reduce((sum, record) => sum + record.length + 2, 0);
    expect(records).toEqual(all.slice(0, records.length));
    expect(answer?.length).toBeLessThanOrEqual(bufferBytes);
    expect(encoded(records.length)).toBeLessThanOrEqual(bytes ?? DEFAULT_RECORDS_BYTES);
    expect(encoded(records.length + 1)).toBeGreaterThan(
      Math.min(bytes ?? DEFAULT_RECORDS_BYTES, bufferBytes - 13),
    );
  });

  it('answers with one record even when the limit is less than that', async () => {
    const { ask, answers } = asking(new Bench());
    ask({ op: 'read', id: COMMAND.records.id, body: COMMAND.records.encodeRequest({ from: 1, bytes: 1 }) });
    await Promise.resolve();
    expect(COMMAND.records.decodeAnswer(answers[0]?.body ?? new Map())).toHaveLength(1);
  });

  it('tells who it is within its buffer, also with the longest id and after a lost epoch', async () => {
    const id = 'r'.repeat(MAX_ID_LENGTH);
    const bench = new Bench({ id });
    bench.seal(1);
    bench.device.flash.erase(STATE_SECTORS); // the first sector of records
    bench.device.reboot();
    const { ask, answers } = asking(bench);
    ask({ op: 'read', id: COMMAND.identity.id, body: new Map() });
    ask({ op: 'read', id: COMMAND.certificate.id, body: new Map() });
    await Promise.resolve();
    const [identity = new Map(), certificate = new Map()] = answers.map(({ body }) => body);
    expect(COMMAND.identity.decodeAnswer(identity)).toMatchObject({
      device: id,
      epoch: 2,
      previous: { seq: 1 },
    });
    expect(COMMAND.certificate.decodeAnswer(certificate)).toEqual(bench.reader.certificate);
  });

  it('says that an answer is too long for its buffer rather than cutting it', async () => {
    const { ask, answers } = asking(new Bench({ settings: { bufferBytes: 128 } }));
    ask({ op: 'read', id: COMMAND.certificate.id, body: new Map() });
    await Promise.resolve();
    expect(answers[0]?.body).toEqual(new Map([['rc', RC.messageSize]]));
  });
});
