/** What the questions are answered with, for whoever asks them in this program. */
import type { z } from 'zod';
import type { balanceOf, holdsOf, listAccounts, statementOf } from './questions/accounts.js';
import type { caseFigures, listCases } from './questions/cases.js';
import type { evidenceOf } from './questions/evidence.js';
import type { digest, eventAt, figures, health } from './questions/house.js';
import type { lunchMonth, lunchOf } from './questions/lunch.js';
import type { listMatters, matterFigures, matterOf } from './questions/matters.js';
import type { organisationReport } from './questions/organisation.js';
import type { catalogueOf, policyNow } from './questions/policy.js';
import type { serviceRecord } from './questions/record.js';
import type { auditTrail } from './questions/trail.js';

type AnswerOf<Question extends { readonly answers: z.ZodType }> = z.output<Question['answers']>;

export interface Answers {
  readonly accounts: AnswerOf<typeof listAccounts>;
  readonly balance: AnswerOf<typeof balanceOf>;
  readonly statement: AnswerOf<typeof statementOf>;
  readonly record: AnswerOf<typeof serviceRecord>;
  readonly holds: AnswerOf<typeof holdsOf>;
  readonly event: AnswerOf<typeof eventAt>;
  readonly catalogue: AnswerOf<typeof catalogueOf>;
  readonly policy: AnswerOf<typeof policyNow>;
  readonly figures: AnswerOf<typeof figures>;
  readonly lunch: AnswerOf<typeof lunchOf>;
  readonly lunchMonth: AnswerOf<typeof lunchMonth>;
  readonly matters: AnswerOf<typeof listMatters>;
  readonly matter: AnswerOf<typeof matterOf>;
  readonly matterFigures: AnswerOf<typeof matterFigures>;
  readonly cases: AnswerOf<typeof listCases>;
  readonly caseFigures: AnswerOf<typeof caseFigures>;
  readonly evidence: AnswerOf<typeof evidenceOf>;
  readonly organisation: AnswerOf<typeof organisationReport>;
  readonly trail: AnswerOf<typeof auditTrail>;
  readonly digest: AnswerOf<typeof digest>;
  readonly health: AnswerOf<typeof health>;
}
