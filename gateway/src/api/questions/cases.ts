/** Questions about mediation: which cases are to be looked at again, and what a month came to. Parties are counted, never named. */
import { MEDIATION_OUTCOME, type MediationOutcome, toHex } from '@timeband/protocol';
import { z } from 'zod';
import type { MediationCase } from '../../mediation/index.js';
import { monthText } from '../date.js';
import type { Desk } from '../desk.js';
import { shownMonth, spanOfMonth } from '../month.js';
import { question, STAFF } from '../question.js';
import { number, seconds } from '../shapes.js';
import { matterId, phaseName } from './matters.js';

const outcomeName = z.enum(Object.keys(MEDIATION_OUTCOME) as [MediationOutcome, ...MediationOutcome[]]);
const count = z.int().min(0);

const line = z
  .object({
    case: z.string().meta({ description: 'Id, hexadecimal.' }),
    began: seconds,
    sessions: count,
    last: seconds.meta({ description: 'The newest session.' }),
    outcome: outcomeName.meta({ description: 'Of the newest session.' }),
    parties: count.meta({ description: 'How many came to the newest session; nobody keeps who.' }),
    mediators: z.array(z.string()).meta({ description: 'Accounts, of the newest session.' }),
    followUp: seconds.meta({ description: 'When it is to be looked at again.' }),
    isDue: z.boolean(),
    from: matterId.nullable().meta({ description: 'The matter that it came from.' }),
    raised: z
      .object({ matter: matterId, phase: phaseName })
      .nullable()
      .meta({ description: 'The matter that the gateway raised because nobody looked at it again.' }),
  })
  .meta({ id: 'CaseLine' });

export const listCases = question({
  name: 'cases',
  path: '/v1/cases',
  says: 'Cases of mediation that are to be looked at again, the first due first.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({
    due: z.enum(['true', 'false']).default('false').meta({ description: 'Only those that are due.' }),
    after: z.string().max(32).optional().meta({ description: '`next` of the page before.' }),
    limit: number(1, 500).default(100),
  }),
  answers: z.object({ cases: z.array(line), next: z.string().optional() }).meta({
    id: 'Cases',
    description: 'There is more where `next` is there.',
  }),
  answer: (desk, { due, after, limit }) => {
    const all = desk.cases.open().filter(({ followUp = 0 }) => due === 'false' || followUp <= desk.now());
    const at = after === undefined ? 0 : all.findIndex(({ id }) => toHex(id) === after) + 1;
    const page = all.slice(at, at + limit);
    const last = page.at(-1);
    return {
      cases: page.map((one) => tell(desk, one)),
      ...(last !== undefined && at + limit < all.length && { next: toHex(last.id) }),
    };
  },
});

function tell({ cases, now }: Desk, found: MediationCase): z.infer<typeof line> {
  const { id, sessions, last, followUp = 0 } = found;
  const raised = cases.raised(found, now());
  return {
    ...{ case: toHex(id), began: sessions[0]?.at ?? last.at, sessions: sessions.length, last: last.at },
    ...{ outcome: last.outcome, parties: last.parties, mediators: [...last.mediators] },
    ...{ followUp, isDue: followUp <= now(), from: last.request === undefined ? null : toHex(last.request) },
    raised: raised === undefined ? null : { matter: toHex(raised.request), phase: raised.phase },
  };
}

export const caseFigures = question({
  name: 'caseFigures',
  path: '/v1/case-figures',
  says: 'Of a month: how many sessions of mediation there were, how they ended, and the hours of the mediators.',
  roles: STAFF,
  asks: z.object({ month: monthText.optional() }),
  answers: z
    .object({
      month: z.string(),
      sessions: count,
      began: count.meta({ description: 'Cases of which it has the first session.' }),
      outcomes: z
        .object({ settled: count, partly: count, unsettled: count, adjourned: count, referred: count })
        .meta({ id: 'CaseOutcomes', description: 'Sessions by how they ended.' }),
      parties: count.meta({ description: 'Over all sessions.' }),
      minutes: count.meta({ description: 'Of all mediators together, as their sessions say.' }),
      open: count.meta({ description: 'Now: to be looked at again.' }),
      due: count.meta({ description: 'Now: those of them that are due.' }),
    })
    .meta({ id: 'CaseFigures' }),
  answer: ({ cases, ledger, now }, { month = shownMonth(now(), ledger.zone) }) => {
    const [from, to] = spanOfMonth(month, ledger.zone);
    const open = cases.open();
    const due = open.filter(({ followUp = 0 }) => followUp <= now()).length;
    return { month, ...cases.figures(from, to), open: open.length, due };
  },
});
