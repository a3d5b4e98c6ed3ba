/** What a device shows (SPEC.md, Feedback). */
import { COMMAND } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';

export const FEEDBACK = checksOf('feedback', [
  {
    id: 'feedback-unknown-record',
    section: 'Feedback',
    title: 'refuses feedback for a record that it never logged with 2',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const { head } = await lab.status();
      await lab.refuses(
        COMMAND.feedback,
        { seq: head + 1, outcome: 'queued' },
        'notAvailable',
        'feedback for a record that there is not',
      );
    },
  },
  {
    id: 'feedback-again',
    section: 'Feedback',
    title: 'answers the feedback of one record again with success',
    needs: ['issuer'],
    run: async (lab) => {
      const seq = await lab.logSomething();
      for (const time of ['once', 'again']) {
        const { body, refusal } = await lab.answer(COMMAND.feedback, { seq, outcome: 'queued' });
        expect(refusal === undefined, `feedback ${time} got ${describe(body)}`);
      }
    },
  },
  {
    id: 'feedback-numbers',
    section: 'Feedback',
    title: 'takes feedback with minutes and a balance',
    needs: ['issuer'],
    run: async (lab) => {
      const seq = await lab.logSomething();
      const feedback = { seq, outcome: 'accepted', minutes: 113, balance: 4_000_000_000 } as const;
      const { body, refusal } = await lab.answer(COMMAND.feedback, feedback);
      expect(refusal === undefined, `feedback with minutes and a balance got ${describe(body)}`);
    },
  },
]);
