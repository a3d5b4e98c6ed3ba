/** CBOR that nobody should send, in the body of a request that changes nothing (SPEC.md, CBOR). */
import { COMMAND, concat, decodeStrict, encode, fromHex, RC, TimebandError } from '@timeband/protocol';
import { type Check, checksOf } from '../check.js';
import { expect, Nonconformity } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';
import { rawRequest } from './packets-of.js';

/** Bodies that are refused with 3, whatever they would mean. */
const REFUSED: readonly (readonly [name: string, title: string, ...bodies: string[]])[] = [
  ['no-map', 'a body that is no map', '8101', '01', '6161'],
  ['truncated', 'a body that ends too early', 'a101', 'a2010002', 'a1'],
  ['trailing', 'bytes behind the body', 'a1010000', 'a10100a0'],
  ['duplicate-keys', 'a map with one key twice', 'a201000100'],
  ['deep', 'arrays nested 200 deep', `a101${'81'.repeat(200)}00`],
  ['huge', 'an array that announces four billion items', 'a1019affffffff00', 'a1019b0000000100000000'],
  ['tag', 'a tag', 'a101c100', 'a101c24101'],
  ['text', 'text that is not UTF-8', 'a20100186362c328'],
  ['key-head', 'a key in more bytes than it takes', 'a1180100'],
  ['key-type', 'a key that is neither number nor text', 'a1410100', 'a1f500'],
  ['integer', 'a number of more than 53 bits', 'a1011bffffffffffffffff'],
  ['simple', 'a simple value that has no use', 'a101f7', 'a101f8ff'],
  ['many-keys', 'a map of 65 entries', manyKeys(65)],
  ['indefinite-text', 'a string in pieces', 'a2010018637f6161ff'],
];

/** Bodies that mean what {1: 0} means. */
const TAKEN: readonly (readonly [name: string, title: string, body: string])[] = [
  ['indefinite-map', 'a map of indefinite length', 'bf0100ff'],
  ['long-value', 'a value in more bytes than it takes', 'a1011a00000000'],
];

const HOSTILE_PACKETS = 48;

export const BYTES: readonly Check[] = checksOf('bytes', [
  ...REFUSED.map(([name, title, ...bodies]) => ({
    id: `bytes-${name}`,
    section: 'CBOR',
    title: `refuses ${title} with 3`,
    run: async (lab: Lab) => {
      for (const body of bodies)
        await lab.rejects(rawRequest(COMMAND.status, fromHex(body)), RC.invalid, `${title} (${body})`);
    },
  })),
  ...TAKEN.map(([name, title, body]) => ({
    id: `bytes-${name}`,
    section: 'CBOR',
    title: `takes ${title}`,
    run: (lab: Lab) => mustTake(lab, fromHex(body), title),
  })),
  {
    id: 'bytes-unordered',
    section: 'CBOR',
    title: 'takes keys in any order',
    run: async (lab) => {
      const { head } = await lab.status();
      const body = concat(fromHex('a202190160'), Uint8Array.of(0x01), encode(head));
      const { refusal, body: answer } = await lab.connection.ask({
        ...rawRequest(COMMAND.records, body),
        idempotent: false,
      });
      expect(refusal === undefined, `"records" with its second field first got ${describe(answer)}`);
    },
  },
  {
    id: 'bytes-unknown-field',
    section: 'Unknown things',
    title: 'ignores a field that is not listed',
    run: (lab) => {
      const body = new Map<number, number | string>([
        [1, 0],
        [99, 'later'],
      ]);
      return mustTake(lab, encode(body), 'a body with a field that is not listed');
    },
  },
  {
    id: 'bytes-strict-answers',
    section: 'CBOR',
    title: 'answers in the strict form itself',
    run: async (lab) => {
      const { head } = await lab.status();
      const answers = [
        await lab.answer(COMMAND.identity, undefined),
        await lab.answer(COMMAND.status, { seen: 0 }),
        await lab.answer(COMMAND.records, { from: (await lab.identity()).oldest }),
        await lab.answer(COMMAND.seal, { nonce: new Uint8Array(16), upto: head }),
        await lab.answer(COMMAND.certificate, undefined),
        await lab.answer(COMMAND.policies, undefined),
      ];
      for (const { packet } of answers) {
        try {
          decodeStrict(packet.payload);
        } catch (error) {
          if (!(error instanceof TimebandError)) throw error;
          throw new Nonconformity(
            `the answer of command ${packet.id} is not in the strict form: ${error.message}`,
          );
        }
      }
    },
  },
  {
    id: 'bytes-random',
    section: 'CBOR',
    title: `survives ${HOSTILE_PACKETS} bodies of noise, and is the same afterwards`,
    run: async (lab) => {
      const before = await lab.identity();
      for (let n = 0; n < HOSTILE_PACKETS; n++) {
        const command = [COMMAND.status, COMMAND.records, COMMAND.ack, COMMAND.put, COMMAND.hello][n % 5];
        if (command === undefined) continue;
        const { body, refusal } = await lab.connection.ask({
          ...rawRequest(command, noise(n, 4 + ((n * 37) % 180))),
          idempotent: false,
        });
        expect(refusal !== undefined, `noise as the body of "${command.name}" got ${describe(body)}`);
      }
      const after = await lab.identity();
      expect(after.boot === before.boot, 'it started anew');
      expect(after.acked === before.acked, 'what it holds for acknowledged has changed');
    },
  },
  {
    id: 'bytes-random-line',
    section: 'Serial',
    title: 'survives 2,000 bytes of noise on the line, and is the same afterwards',
    needs: ['line'],
    run: async (lab) => {
      const before = await lab.identity();
      // A newline ends what may look like a line to it.
      await lab.connection.injectLine(noise(7, 2_000), Uint8Array.of(0x0a));
      const after = await lab.identity();
      expect(after.boot === before.boot, 'it started anew');
    },
  },
]);

async function mustTake(lab: Lab, payload: Uint8Array, what: string): Promise<void> {
  const { body, refusal } = await lab.connection.ask({
    ...rawRequest(COMMAND.status, payload),
    idempotent: false,
  });
  expect(refusal === undefined, `${what} got ${describe(body)}`);
  COMMAND.status.decodeAnswer(body);
}

function manyKeys(count: number): string {
  const entries = Array.from({ length: count }, (_, key) => (key < 24 ? hex(key) : `18${hex(key)}`) + '00');
  return `b8${hex(count)}${entries.join('')}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** The same noise every time: a failure has to come again. Never the beginning of a map. */
function noise(seed: number, length: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length }, (_, at) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const byte = (state >>> 16) & 0xff;
    return at === 0 && byte >> 5 === 5 ? byte ^ 0x80 : byte;
  });
}
