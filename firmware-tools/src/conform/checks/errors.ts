/** How it says no (SPEC.md, Commands). */
import { COMMAND, encode, KID_BYTES, SEAL_NONCE_BYTES, TIMEBAND_GROUP } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { rawRequest } from './packets-of.js';

export const ERRORS = checksOf('errors', [
  {
    id: 'errors-plain',
    section: 'Commands',
    title: 'refuses what is wrong by SMP as {"rc": n}, without a group',
    run: async (lab) => {
      const { refusal } = await lab.rejects(
        rawRequest(COMMAND.records, encode(new Map())),
        3,
        '"records" without a number',
      );
      expect(refusal?.group === undefined, 'an error of SMP itself came with a group');
    },
  },
  {
    id: 'errors-group',
    section: 'Commands',
    title: 'refuses what is wrong by its own table as {"err": {"group": 84, "rc": n}}',
    run: async (lab) => {
      const { head } = await lab.status();
      const answers = [
        await lab.answer(COMMAND.certificate, new Uint8Array(KID_BYTES).fill(0xee)),
        await lab.answer(COMMAND.seal, { nonce: new Uint8Array(SEAL_NONCE_BYTES), upto: head + 1_000 }),
      ];
      const refusals = answers.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
      expect(refusals.length > 0, 'neither an unknown certificate nor a seal of the future was refused');
      const isNamed = refusals.every(({ group }) => group === TIMEBAND_GROUP);
      expect(isNamed, 'a refusal of group 84 does not name its group');
    },
  },
  {
    id: 'errors-missing-field',
    section: 'Commands',
    title: 'refuses a body without a field that it needs with 3',
    run: async (lab) => {
      await lab.rejects(rawRequest(COMMAND.seal, encode(new Map([[2, 0]]))), 3, '"seal" without a nonce');
      await lab.rejects(rawRequest(COMMAND.ack, encode(new Map())), 3, '"ack" without an ack');
    },
  },
  {
    id: 'errors-wrong-type',
    section: 'Commands',
    title: 'refuses a field of another type or length with 3',
    run: async (lab) => {
      await lab.rejects(rawRequest(COMMAND.status, encode(new Map([[1, 'no']]))), 3, '"status" of a text');
      const short = new Map<number, Uint8Array | number>([
        [1, new Uint8Array(15)],
        [2, 0],
      ]);
      await lab.rejects(rawRequest(COMMAND.seal, encode(short)), 3, '"seal" with a nonce of 15 bytes');
    },
  },
  {
    id: 'errors-unknown-choice',
    section: 'Unknown things',
    title: 'refuses an outcome that is not listed with 3',
    run: async (lab) => {
      const body = new Map([
        [1, 1],
        [2, 9],
      ]);
      await lab.rejects(rawRequest(COMMAND.feedback, encode(body)), 3, 'feedback with outcome 9');
    },
  },
]);
