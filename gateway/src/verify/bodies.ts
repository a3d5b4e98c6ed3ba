/** What a record says beside its proofs: read whole, and verified where people had to approve it (SPEC.md, Approvals). */
import { type ApprovalContext, KIND, readBody, type Record, verifyApprovals } from '@timeband/protocol';

/** Who approves, as far as this gateway knows. */
export type Approvers = Pick<ApprovalContext, 'operatorOf' | 'relyingParty'>;

/** Where nobody is known nobody has approved. */
const NOBODY: Approvers = { operatorOf: () => undefined };

/**
 * Reads the body of a record of any kind but those that are read with their proofs, which are nearly all.
 *
 * @throws CborError `cbor/shape`, RecordError `record/kind` for a body that is not its kind's, `record/approval` for one
 * that nobody, or too few, approved
 */
export function checkBody({ kind, body }: Record, site: string, approvers: Approvers = NOBODY): void {
  if (kind === KIND.punch || kind === KIND.attest) return;
  const read = readBody(kind, body);
  if (read.kind === 'enrol' || read.kind === 'correct' || read.kind === 'transfer') {
    verifyApprovals(read, { site, ...approvers });
  }
}
