/**
 * Accounts for everything that is stored: each record of each device in exactly one state, and the event log, those
 * who go by it, and what else was derived from it, agreeing. Another part of the gateway joins with a check of its own.
 */
import { type LogAccount, type Totals, totalsOf } from './accounts.js';
import { type AuditContext, type AuditOptions, openAudit } from './context.js';
import { ErasureCheck } from './erasure-check.js';
import { EventCheck } from './event-check.js';
import { ForwardCheck } from './forward-check.js';
import type { Finding, FindingCode } from './findings.js';
import { LedgerCheck } from './ledger-check.js';
import { LogCheck, type RecordVisitor } from './log-check.js';
import { checkPositions } from './position-check.js';
import type { Check } from './check.js';
import { TrailCheck } from './trail-check.js';
import { runInSlices, type SliceOptions, type Work } from './slices.js';

export interface ReconcileOptions extends AuditOptions {
  readonly markerFile?: string | undefined;
  /** Further checks, made at the moment that the audit is of. */
  readonly checks?: readonly ((context: AuditContext) => Check)[];
  /** Further looks at each record. */
  readonly visitors?: readonly ((context: AuditContext) => RecordVisitor)[];
}

export interface AuditReport {
  readonly verdict: 'good' | 'bad';
  readonly logs: readonly LogAccount[];
  readonly totals: Totals;
  /** Events of the whole log. */
  readonly events: number;
  /** The first of them, in words. */
  readonly findings: readonly Finding[];
  /** All of them, counted. */
  readonly counts: Readonly<Partial<Record<FindingCode, number>>>;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export type ProgressOptions = Omit<SliceOptions, 'progress'> & {
  readonly progress?: ((progress: Progress) => void) | undefined;
};

/** @throws what the store throws */
export async function reconcile(options: ReconcileOptions, run: ProgressOptions = {}): Promise<AuditReport> {
  const context = openAudit(options);
  const visitors = options.visitors?.map((make) => make(context));
  const forwards = new ForwardCheck(context);
  const checks: readonly Check[] = [
    new EventCheck(context),
    new LogCheck(context, visitors),
    new LedgerCheck(context),
    forwards,
    new TrailCheck(context),
    new ErasureCheck(context),
    ...(options.checks ?? []).map((make) => make(context)),
  ];
  checkPositions(context, options.markerFile);
  const accounts = [...context.logs.values()].map(({ account }) => account);
  const totals = totalsOf(accounts);
  const total = totals.records + context.head;
  await runInSlices(allOf(checks), {
    ...run,
    progress: (done) => run.progress?.({ done: Math.min(done, total), total }),
  });
  const { findings } = context;
  const all = [...accounts, ...forwards.accounts.map(({ account }) => account)];
  return {
    verdict: findings.total === 0 ? 'good' : 'bad',
    logs: all,
    totals: totalsOf(all),
    events: context.head,
    findings: findings.told,
    counts: findings.byCode,
  };
}

function* allOf(checks: readonly Check[]): Work {
  for (const check of checks) yield* check.run();
}
