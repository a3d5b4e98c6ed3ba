/** Questions about what operators did. */
import { z } from 'zod';
import { WAYS } from '../../trail/index.js';
import { momentOf } from '../moment.js';
import { OPERATORS, question } from '../question.js';
import { moment, number, seconds } from '../shapes.js';

export const auditTrail = question({
  name: 'trail',
  path: '/v1/audit-trail',
  needsNoBooks: true,
  says: 'What operators did and read, by whichever way, the newest first. Asking this is noted, too.',
  roles: OPERATORS,
  isPersonal: true,
  asks: z.object({
    account: z.string().max(64).optional().meta({ description: 'Only what this account of the broker did.' }),
    from: moment.optional(),
    to: moment.optional().meta({ description: 'Not part of it.' }),
    after: number(1, 2 ** 53 - 1)
      .optional()
      .meta({ description: '`next` of the page before.' }),
    limit: number(1, 1_000).default(100),
  }),
  answers: z
    .object({
      entries: z.array(
        z
          .object({
            seq: z.int().meta({ description: 'Number in the trail, from 1.' }),
            at: seconds,
            account: z.string(),
            role: z.string().meta({
              description:
                '`box`: a command on the machine itself; the account is then the user that it named.',
            }),
            organisation: z.string().optional(),
            way: z.enum(WAYS),
            action: z.string().meta({ description: 'Operation of this document, or a command.' }),
            given: z
              .string()
              .meta({ description: 'What was given with it as JSON, or `sha256:` and its hash.' }),
            outcome: z.string().meta({ description: '`done`, `begun`, or the code of why not.' }),
          })
          .meta({ id: 'TrailEntry' }),
      ),
      next: z.int().optional(),
    })
    .meta({ id: 'Trail', description: 'There is more where `next` is there.' }),
  answer: ({ trail, ledger }, { account, from, to, after = 2 ** 53 - 1, limit }) => {
    const span = {
      from: from === undefined ? 0 : momentOf(from, ledger.zone),
      to: to === undefined ? 2 ** 53 - 1 : momentOf(to, ledger.zone),
    };
    const entries = trail.find({ ...span, before: after, account, limit });
    const next = entries.length === limit ? entries.at(-1)?.seq : undefined;
    return { entries: [...entries], ...(next !== undefined && { next }) };
  },
});
