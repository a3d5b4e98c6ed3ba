/**
 * Verifies a whole database by certificates alone, as somebody does who trusts no gateway: beside what it accounts
 * for, every seal, every approval and every policy document (SPEC.md, Seal, Approvals, Policy).
 */
import type { Approvers } from '../verify/index.js';
import type { AuditContext } from './context.js';
import { ApprovalCheck } from './approval-check.js';
import { checkErasureApprovals } from './erasure-check.js';
import { checkIntegrity } from './integrity-check.js';
import { checkPolicies } from './policy-check.js';
import { type AuditReport, type ProgressOptions, reconcile, type ReconcileOptions } from './reconcile.js';
import { SealCheck, type Unverified } from './seal-check.js';

export interface VerifyOptions extends Omit<ReconcileOptions, 'visitors' | 'hasUplink'> {
  /** Left out where no operator's certificate is at hand. */
  readonly approvers?: Approvers | undefined;
  /** Whether SQLite goes over the whole file first. Nothing else goes on in this process meanwhile. */
  readonly integrity?: boolean | undefined;
}

export interface VerifyReport extends AuditReport {
  readonly unverified: Readonly<Unverified>;
}

/** @throws what the store throws */
export async function verifyDatabase(
  options: VerifyOptions,
  run: ProgressOptions = {},
): Promise<VerifyReport> {
  const unverified: Unverified = { vouchedSeals: 0, approvals: 0 };
  const report = await reconcile(
    {
      ...options,
      hasUplink: false,
      visitors: [
        (context) => new SealCheck(context, unverified),
        (context) => new ApprovalCheck(context, unverified, options.approvers),
      ],
      checks: [
        ...(options.checks ?? []),
        (context) => ({ run: () => checkPolicies(context) }),
        (context) => ({ run: () => checkErasureApprovals(context, unverified, options.approvers) }),
        ...(options.integrity === true
          ? [(context: AuditContext) => ({ run: () => checkIntegrity(context) })]
          : []),
      ],
    },
    run,
  );
  return { ...report, unverified };
}
