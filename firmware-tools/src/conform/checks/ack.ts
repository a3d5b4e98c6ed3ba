/** By what a device forgets (SPEC.md, Ack). */
import { authenticate, COMMAND, encode, equalBytes } from '@timeband/protocol';
import { spoiled } from '../authority.js';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';

/** An ack that holds, for what was sealed just now and is not acknowledged yet. */
async function waiting(lab: Lab) {
  const upto = await lab.logSomething();
  const { seal } = await lab.seal(upto);
  await lab.hello();
  return { logId: await lab.logId(), upto, hash: seal.hashLast };
}

/** It is refused, and nothing is acknowledged by it. */
async function refused(
  lab: Lab,
  ack: Uint8Array,
  name: Parameters<Lab['refuses']>[2],
  what: string,
): Promise<void> {
  const { acked } = await lab.identity();
  await lab.refuses(COMMAND.ack, ack, name, what);
  const after = await lab.identity();
  expect(after.acked === acked, `${what} was refused, and applied`);
}

export const ACK = checksOf('ack', [
  {
    id: 'ack-applied',
    section: 'Ack',
    title: 'applies an ack that holds',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const { acked } = await lab.call(COMMAND.ack, lab.gateway.ack(fields));
      expect(acked === fields.upto, `it answers ${acked}, acknowledged was ${fields.upto}`);
      const after = await lab.identity();
      expect(
        after.acked === fields.upto,
        `its identity says ${after.acked}, acknowledged was ${fields.upto}`,
      );
    },
  },
  {
    id: 'ack-unknown-gateway',
    section: 'Ack',
    title: 'refuses an ack of a gateway that never said hello with 4',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const other = lab.authority.gateway({ id: 'unheard-of' });
      await refused(lab, other.ack(fields), 'unknownGateway', 'an ack of a gateway that never said hello');
    },
  },
  {
    id: 'ack-signature',
    section: 'Ack',
    title: 'refuses an ack whose signature does not hold with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      await refused(lab, spoiled(lab.gateway.ack(fields)), 'notTrusted', 'a forged ack');
    },
  },
  {
    id: 'ack-purpose',
    section: 'Keys and COSE',
    title: 'refuses what the gateway signed for another purpose with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const { logId, upto, hash } = await waiting(lab);
      const { key, site, id } = lab.gateway;
      const payload = encode(
        new Map<number, Uint8Array | number | string>([
          ...([
            [1, logId],
            [2, upto],
            [3, hash],
          ] as const),
          ...([
            [4, site],
            [5, id],
            [6, 0],
            [7, 1],
          ] as const),
        ]),
      );
      await refused(
        lab,
        authenticate(key, 'clock', site, payload),
        'notTrusted',
        'an ack signed as a clock document',
      );
    },
  },
  {
    id: 'ack-site',
    section: 'Ack',
    title: 'refuses an ack that names another site with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      await refused(
        lab,
        lab.gateway.ack(fields, { site: 'elsewhere' }),
        'notTrusted',
        'an ack of another site',
      );
    },
  },
  {
    id: 'ack-name',
    section: 'Ack',
    title: 'refuses an ack in the name of another gateway with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      await refused(
        lab,
        lab.gateway.ack(fields, { gateway: 'somebody-else' }),
        'notTrusted',
        'an ack in the name of another gateway',
      );
    },
  },
  {
    id: 'ack-log',
    section: 'Ack',
    title: 'refuses an ack of another log with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const logId = spoiled(fields.logId);
      await refused(lab, lab.gateway.ack({ ...fields, logId }), 'notTrusted', 'an ack of another log');
    },
  },
  {
    id: 'ack-unsealed',
    section: 'Ack',
    title: 'refuses an ack beyond what it sealed with 7',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const upto = await lab.logSomething();
      await refused(lab, lab.gateway.ack({ ...fields, upto }), 'notSealed', 'an ack beyond what it sealed');
    },
  },
  {
    id: 'ack-hash',
    section: 'Ack',
    title: 'refuses an ack whose hash is not its own with 6',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const hash = spoiled(fields.hash);
      await refused(lab, lab.gateway.ack({ ...fields, hash }), 'hashMismatch', 'an ack of another history');
    },
  },
  {
    id: 'ack-again',
    section: 'Ack',
    title: 'answers the same ack again with success',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const ack = lab.gateway.ack(fields);
      await lab.call(COMMAND.ack, ack);
      const { body, refusal } = await lab.answer(COMMAND.ack, ack);
      expect(refusal === undefined, `the same ack again got ${describe(body)}`);
    },
  },
  {
    id: 'ack-older',
    section: 'Ack',
    title: 'does not go back for an older ack',
    needs: ['issuer'],
    run: async (lab) => {
      const older = await waiting(lab);
      const newer = await waiting(lab);
      await lab.call(COMMAND.ack, lab.gateway.ack(newer));
      const { body, refusal } = await lab.answer(COMMAND.ack, lab.gateway.ack(older));
      expect(refusal === undefined, `an older ack got ${describe(body)}`);
      const { acked } = COMMAND.ack.decodeAnswer(body);
      expect(acked === newer.upto, `acknowledged was ${newer.upto}, after an older ack it says ${acked}`);
    },
  },
  {
    id: 'ack-keeps',
    section: 'Ack',
    title: 'keeps records that are acknowledged until it needs their space',
    needs: ['issuer'],
    run: async (lab) => {
      const fields = await waiting(lab);
      const [before = new Uint8Array()] = await lab.call(COMMAND.records, { from: fields.upto });
      await lab.call(COMMAND.ack, lab.gateway.ack(fields));
      const { body, refusal } = await lab.answer(COMMAND.records, { from: fields.upto });
      expect(refusal === undefined, `a record that was just acknowledged got ${describe(body)}`);
      const [after = new Uint8Array()] = COMMAND.records.decodeAnswer(body);
      expect(equalBytes(before, after), 'a record that was acknowledged came as other bytes');
    },
  },
  {
    id: 'ack-durability',
    section: 'Unknown things',
    title: 'reads a durability that is not listed as that of a box',
    needs: ['issuer'],
    run: async (lab) => {
      const { logId, upto, hash } = await waiting(lab);
      const { key, site, id } = lab.gateway;
      const payload = encode(
        new Map<number, Uint8Array | number | string>([
          ...([
            [1, logId],
            [2, upto],
            [3, hash],
          ] as const),
          ...([
            [4, site],
            [5, id],
            [6, 0],
            [7, 9],
          ] as const),
        ]),
      );
      const { body, refusal } = await lab.answer(COMMAND.ack, authenticate(key, 'ack', site, payload));
      expect(refusal === undefined, `an ack of durability 9 got ${describe(body)}`);
    },
  },
]);
