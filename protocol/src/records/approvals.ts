/**
 * Approving and verifying: enrolments, corrections and transfers count only with the signatures of operators whose
 * keys are not on the box, corrections and transfers with those of two different people (SPEC.md, Approvals).
 */
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey, PublicKey } from '../crypto/index.js';
import { RecordError, TimebandError } from '../errors.js';
import type { Approval, Approved } from './actions.js';
import type { RecordBody } from './body.js';
import type { Erasure } from './erase.js';
import { type RelyingParty, verifyAssertion, webauthnChallenge } from './webauthn.js';

/** Who a certified key belongs to. */
export interface Operator {
  /** The certificate's subject: two keys of one subject are one person. */
  readonly subject: string;
  readonly key: PublicKey;
}

export interface ApprovalContext {
  readonly site: string;
  /**
   * The operator of this site whose certificate was valid at `at`, Unix seconds, or nothing. The action itself says when
   * it was decided, so a key that is revoked by now is to be refused whatever `at` says.
   */
  readonly operatorOf: (kid: Uint8Array, at: number) => Operator | undefined;
  /** Absent where no WebAuthn approval is taken. */
  readonly relyingParty?: RelyingParty | undefined;
}

export type ApprovedRecord =
  | Extract<RecordBody, { kind: 'enrol' | 'correct' | 'transfer' }>
  /** Stays at a gateway, and is in no log. */
  | { readonly kind: 'erase'; readonly value: Approved<Erasure> };

/** How many different people have to approve. */
export const APPROVERS_NEEDED: Readonly<Record<ApprovedRecord['kind'], number>> = {
  enrol: 1,
  correct: 2,
  transfer: 2,
  erase: 2,
};

/** An operator's approval of an action, by the key in the operator's certificate. */
export function approve(key: PrivateKey, site: string, action: Uint8Array): Approval {
  return {
    by: 'certificate',
    message: sign1(key, externalAad('approve', site), action, { detached: true }),
  };
}

/**
 * Verifies every approval of a record and that there are enough of them, by different people, none of whom wrote
 * the action down. One approval that does not hold refuses them all.
 *
 * @returns the approvers' subjects, each once
 * @throws RecordError `record/approval`
 */
export function verifyApprovals(record: ApprovedRecord, context: ApprovalContext): readonly string[] {
  const { action, bytes, approvals } = record.value;
  const operatorOf = (kid: Uint8Array): Operator => {
    const operator = context.operatorOf(kid, action.at);
    if (operator === undefined) throw refused('approved by a key that is no operator’s');
    return operator;
  };
  const subjects = new Set(
    approvals.map((approval) => approverOf(approval, bytes, { ...context, operatorOf })),
  );
  const { kind } = record;
  const recorder = kind === 'correct' || kind === 'transfer' ? record.value.action.recorder : undefined;
  if (recorder !== undefined && subjects.has(recorder)) {
    throw refused('approved by the one who wrote it down');
  }
  const needed = APPROVERS_NEEDED[record.kind];
  if (subjects.size < needed) {
    throw refused(`${record.kind} needs ${needed} different approvers and has ${subjects.size}`);
  }
  return [...subjects];
}

/** What one approval is verified with. */
type Verification = Omit<ApprovalContext, 'operatorOf'> & {
  readonly operatorOf: (kid: Uint8Array) => Operator;
};

function approverOf(approval: Approval, action: Uint8Array, verification: Verification): string {
  try {
    return approval.by === 'certificate'
      ? approverByCertificate(approval.message, action, verification)
      : approverByAssertion(approval, action, verification);
  } catch (error) {
    if (!(error instanceof TimebandError) || error.code === 'record/approval') throw error;
    throw refused(`an approval does not hold: ${error.message}`, error.code);
  }
}

function approverByCertificate(
  bytes: Uint8Array,
  action: Uint8Array,
  { site, operatorOf }: Verification,
): string {
  const message = decodeCose(bytes);
  if (message.unprotected.size > 0) throw refused('unprotected parameters in an approval');
  const operator = operatorOf(message.kid);
  verifySign1(message, operator.key, externalAad('approve', site), action);
  return operator.subject;
}

function approverByAssertion(
  approval: Extract<Approval, { by: 'webauthn' }>,
  action: Uint8Array,
  { site, operatorOf, relyingParty }: Verification,
): string {
  if (relyingParty === undefined) throw refused('WebAuthn approvals are not taken here');
  const operator = operatorOf(approval.kid);
  verifyAssertion(approval, operator.key, webauthnChallenge(site, action), relyingParty);
  return operator.subject;
}

function refused(message: string, cause?: string): RecordError {
  return new RecordError('record/approval', message, { cause });
}
