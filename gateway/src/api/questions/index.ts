/** Everything that can be asked. */
import type { Question } from '../question.js';
import { allHolds, balanceOf, holdsOf, listAccounts, statementOf } from './accounts.js';
import { caseFigures, listCases } from './cases.js';
import { evidenceOf } from './evidence.js';
import { digest, eventAt, figures, health } from './house.js';
import { lunchMonth, lunchOf } from './lunch.js';
import { listMatters, matterFigures, matterOf } from './matters.js';
import { organisationReport } from './organisation.js';
import { catalogueOf, policyNow } from './policy.js';
import { serviceRecord } from './record.js';
import { auditTrail } from './trail.js';

export const QUESTIONS: readonly Question[] = [
  ...[listAccounts, balanceOf, statementOf, serviceRecord, holdsOf, allHolds],
  ...[eventAt, catalogueOf, policyNow, figures, digest, health],
  ...[lunchOf, lunchMonth],
  ...[listCases, caseFigures],
  ...[listMatters, matterOf, matterFigures, auditTrail, evidenceOf],
  organisationReport,
];
