export type { Check } from './check.js';
export type { LogAccount, Totals } from './accounts.js';
export type { AuditContext } from './context.js';
export { type Finding, FINDING_CODES, type FindingCode } from './findings.js';
export {
  reconcile,
  type AuditReport,
  type Progress,
  type ProgressOptions,
  type ReconcileOptions,
} from './reconcile.js';
export { SLICE_MS } from './slices.js';
export { verifyDatabase, type VerifyOptions, type VerifyReport } from './verify.js';
