/** Records that people had to approve, verified again by their certificates alone (SPEC.md, Approvals). */
import { RecordError } from '@timeband/protocol';
import { type Approvers, checkBody } from '../verify/index.js';
import { type AccountedLog, blame } from './accounts.js';
import type { AuditContext } from './context.js';
import type { RecordVisitor, VisitedRecord } from './log-check.js';
import type { Unverified } from './seal-check.js';

export class ApprovalCheck implements RecordVisitor {
  /** @param approvers left out where no operator's certificate is at hand */
  constructor(
    private readonly context: AuditContext,
    private readonly unverified: Unverified,
    private readonly approvers: Approvers | undefined,
  ) {}

  visit(log: AccountedLog, { seq, record, digest }: VisitedRecord): void {
    // What was replaced on request has lost its approvals; those of the replacement are looked at elsewhere.
    if (record === undefined || digest !== null) return;
    const { store, site, findings } = this.context;
    try {
      checkBody(record, site, this.approvers);
    } catch (error) {
      if (!(error instanceof RecordError) || error.code !== 'record/approval') return;
      // What nobody approved was not published, and waits for people.
      if (store.audit.withheld(log.key, { first: seq, last: seq }) > 0) return;
      if (this.approvers === undefined) this.unverified.approvals++;
      else {
        const message = `record ${seq} of ${log.device} was published, and is not approved: ${error.message}`;
        blame(findings, log, { code: 'record/approval', message, record: seq });
      }
    }
  }

  end(): void {
    // Each record stands for itself.
  }
}
