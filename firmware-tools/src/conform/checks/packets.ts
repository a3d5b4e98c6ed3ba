/** SMP packets: headers, order, buffers (SPEC.md, SMP). */
import {
  COMMAND,
  DEFAULT_PARAMETERS,
  encode,
  encodePacket,
  HEADER_BYTES,
  MIN_SESSION_BUFFER_BYTES,
  OP,
  OS_COMMAND,
  OS_GROUP,
  randomBytes,
  SEAL_NONCE_BYTES,
  SESSION_OVERHEAD_BYTES,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, NotApplicable } from '../verdict.js';
import { describe } from '../connection.js';
import { echoPacket, isEcho, mustHear } from './packets-of.js';

const UNKNOWN = 251;
const SEQUENCES = [0, 1, 127, 128, 255];

export const PACKETS = checksOf('packets', [
  {
    id: 'packets-echo',
    section: 'SMP',
    title: 'echoes text of every length up to 64',
    run: async ({ connection }) => {
      for (const length of [0, 1, 23, 24, 64]) {
        const text = 'e'.repeat(length);
        await connection.inject(echoPacket(200, text));
        await mustHear(connection, isEcho(200, text), `an echo of ${length} characters`);
      }
    },
  },
  {
    id: 'packets-sequence',
    section: 'SMP',
    title: 'answers with the sequence number of the request',
    run: async ({ connection }) => {
      for (const sequence of SEQUENCES) {
        await connection.inject(echoPacket(sequence, `s${sequence}`));
        await mustHear(connection, isEcho(sequence, `s${sequence}`), `sequence number ${sequence}`);
      }
    },
  },
  {
    id: 'packets-parameters',
    section: 'SMP',
    title: 'says how large its buffers are: large enough, and at least two',
    run: ({ facts: { parameters, isUntrusted } }) => {
      if (parameters.assumed) throw new NotApplicable('it does not answer "parameters", which it need not');
      const least = isUntrusted ? MIN_SESSION_BUFFER_BYTES : DEFAULT_PARAMETERS.bufferBytes;
      const { bufferBytes, bufferCount } = parameters;
      expect(bufferBytes >= least, `a buffer of ${bufferBytes} bytes, at least ${least} are needed`);
      expect(bufferCount >= 2, `${bufferCount} buffer, there has to be room for two requests`);
      return Promise.resolve();
    },
  },
  {
    id: 'packets-version-0',
    section: 'SMP',
    title: 'answers a request of SMP version 0',
    run: async ({ connection }) => {
      const packet = echoPacket(202, 'v0');
      packet[0] = (packet[0] ?? 0) & ~0x18;
      await connection.inject(packet);
      await mustHear(connection, isEcho(202, 'v0'), 'a request of version 0');
    },
  },
  {
    id: 'packets-reserved',
    section: 'SMP',
    title: 'ignores reserved bits and flags in a request',
    run: async ({ connection }) => {
      const packet = echoPacket(203, 'reserved');
      packet[0] = (packet[0] ?? 0) | 0xe0;
      packet[1] = 0x5a;
      await connection.inject(packet);
      await mustHear(connection, isEcho(203, 'reserved'), 'a request with reserved bits and flags set');
    },
  },
  {
    id: 'packets-answers-ignored',
    section: 'SMP',
    title: 'answers no answers',
    run: async ({ connection }) => {
      for (const op of [OP.readResponse, OP.writeResponse]) {
        const payload = encode(new Map([['d', 'answer']]));
        const packet = encodePacket({ op, group: OS_GROUP, id: OS_COMMAND.echo, sequence: 204, payload });
        const heard = await connection.inject(packet);
        expect(heard.length === 0, `a packet with op ${op}, which is an answer, was answered`);
      }
    },
  },
  {
    id: 'packets-short',
    section: 'SMP',
    // Where nothing says where a packet ends, the rest of it may be yet to come.
    needs: ['line'],
    title: 'drops a packet that is shorter than a header, or than its header says',
    run: async ({ connection }) => {
      for (const packet of [
        Uint8Array.of(0x0a, 0, 0),
        echoPacket(205, 'cut short').subarray(0, -3),
        Uint8Array.of(0x0a, 0, 0xff, 0xff, 0, 0, 205, 0),
      ]) {
        const heard = await connection.inject(packet);
        expect(
          heard.every((answer) => !isEcho(205, 'cut short')(answer)),
          'a packet that is not whole was answered as if it were',
        );
      }
    },
  },
  {
    id: 'packets-two-at-once',
    section: 'SMP',
    title: 'takes a second request while it works on the first',
    run: async (lab) => {
      const { client } = lab.connection;
      const { head } = await lab.status();
      const nonce = randomBytes(SEAL_NONCE_BYTES);
      const slow = { ...COMMAND.seal, group: TIMEBAND_GROUP, idempotent: false };
      const quick = { ...COMMAND.status, group: TIMEBAND_GROUP, idempotent: false };
      const [first, second] = await Promise.allSettled([
        client.exchange({ ...slow, body: COMMAND.seal.encodeRequest({ nonce, upto: head }) }),
        client.exchange({ ...quick, body: COMMAND.status.encodeRequest({ seen: head }) }),
      ]);
      expect(first.status === 'fulfilled', 'the first of two requests at once was not answered');
      expect(second.status === 'fulfilled', 'the second of two requests at once was not answered');
    },
  },
  {
    id: 'packets-buffer-full',
    section: 'SMP',
    title: 'takes a packet of exactly its buffer',
    run: async (lab) => {
      const { parameters, isUntrusted } = lab.facts;
      // {1: bytes}: a head of the map, the key, a head of three bytes.
      const room = parameters.bufferBytes - HEADER_BYTES - (isUntrusted ? SESSION_OVERHEAD_BYTES : 0);
      const payload = encode(new Map([[1, new Uint8Array(room - 5)]]));
      const answer = await lab.connection.ask({
        ...{ op: 'read', group: TIMEBAND_GROUP, id: COMMAND.status.id, name: 'status', idempotent: false },
        ...{ body: new Map(), payload },
      });
      expect(answer.refusal !== undefined, `"status" with bytes for a number got ${describe(answer.body)}`);
    },
  },
  {
    id: 'packets-too-long',
    section: 'SMP',
    title: 'survives a packet that is longer than its buffer',
    run: async ({ connection, facts: { parameters } }) => {
      const payload = encode(new Map([['d', 'l'.repeat(Math.min(4_000, parameters.bufferBytes + 100))]]));
      await connection.inject(
        encodePacket({ op: OP.write, group: OS_GROUP, id: OS_COMMAND.echo, sequence: 206, payload }),
      );
    },
  },
  {
    id: 'packets-answer-fits',
    section: 'SMP',
    title: 'answers with no packet longer than its buffer, however much is asked for',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const { packet } = await lab.answer(COMMAND.records, { from: oldest, bytes: 0xffff });
      const length = HEADER_BYTES + packet.payload.length;
      const { bufferBytes } = lab.facts.parameters;
      expect(length <= bufferBytes, `an answer of ${length} bytes, its buffer has ${bufferBytes}`);
    },
  },
  {
    id: 'packets-unknown-command',
    section: 'Commands',
    title: 'refuses a command that it does not know with 8',
    run: async (lab) => {
      const unknown = { group: TIMEBAND_GROUP, id: UNKNOWN, name: `command ${UNKNOWN}`, body: new Map() };
      await lab.rejects({ ...unknown, op: 'read' }, 8, 'an unknown read of group 84');
      await lab.rejects({ ...unknown, op: 'write' }, 8, 'an unknown write of group 84');
    },
  },
  {
    id: 'packets-wrong-op',
    section: 'Commands',
    title: 'refuses to write what can only be read with 8',
    run: async (lab) => {
      const body = new Map<number, number>();
      await lab.rejects(
        { group: TIMEBAND_GROUP, id: COMMAND.identity.id, op: 'write', name: 'identity as a write', body },
        8,
        '"identity" as a write',
      );
    },
  },
]);
