/** A log that fills up (SPEC.md, Flash). */
import { chainHash, COMMAND, equalBytes, POLICY_TYPE } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, NotApplicable } from '../verdict.js';
import type { Lab } from '../lab.js';

/** Records that are written at most: with a larger flash it would take the afternoon. */
const MOST = 4_096;

/** Has it log until it says that it is full. @returns the first number that nobody acknowledged */
async function fill(lab: Lab): Promise<number> {
  await lab.introduce();
  const { acked } = await lab.identity();
  for (let n = 0; n < MOST; n++) {
    const { head, full } = await lab.status();
    if (full) return acked + 1;
    const number = await lab.nextNumber(POLICY_TYPE.catalogue);
    await lab.hand('policy', lab.authority.policy(number, { type: 'catalogue', body: new Map() }));
    const after = await lab.status();
    expect(after.head > head || after.full, 'it logs no more, and does not say that it is full');
  }
  throw new NotApplicable(`it holds more than ${MOST} records`);
}

export const FLASH = checksOf('flash', [
  {
    id: 'flash-full',
    section: 'Flash',
    title: 'says when it is full, has lost nothing that was not acknowledged, and is not full after an ack',
    needs: ['issuer', 'power'],
    run: async (lab) => {
      await lab.settle();
      const from = await fill(lab);
      const { seal: before } = await lab.seal(from - 1);
      const { head } = await lab.status();
      const records = await lab.records(from);
      expect(
        records.length === head - from + 1,
        `${head - from + 1} records wait, ${records.length} can be read`,
      );
      const { seal } = await lab.seal(head);
      const chained = records.reduce(chainHash, before.hashLast);
      expect(equalBytes(chained, seal.hashLast), 'what waits does not hash to what it seals');
      await lab.settle();
      const { full } = await lab.status();
      expect(!full, 'everything was acknowledged, and it still says that it is full');
      await lab.logSomething();
    },
  },
  {
    id: 'flash-around',
    section: 'Flash',
    title: 'goes on after its log went once around, with the oldest records gone and none in between',
    needs: ['issuer', 'power'],
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const kept = await lab.records(oldest);
      const { head } = await lab.status();
      expect(
        kept.length === head - oldest + 1,
        `records from ${oldest} to ${head} are to be had, ${kept.length} were`,
      );
      if (oldest > 1)
        await lab.refuses(COMMAND.records, { from: oldest - 1 }, 'notAvailable', 'records that are gone');
    },
  },
]);
