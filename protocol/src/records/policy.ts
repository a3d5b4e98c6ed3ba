/** Policy: a device's word that a policy document reached it, and what it did with it (SPEC.md, Policy record). */
import { bytes, oneOf, uint } from './field-types.js';
import { bodyCodec, required } from './layout.js';

/** `refused`: not signed by who may, or a number that went backwards. */
export const POLICY_OUTCOME = { applied: 1, refused: 2 } as const;
export type PolicyOutcome = keyof typeof POLICY_OUTCOME;

export interface PolicyReceived {
  /** Type of the document, a number as in the document itself: newer ones have more. */
  readonly type: number;
  readonly number: number;
  /** SHA-256 of the document's payload, 32 bytes. */
  readonly hash: Uint8Array;
  readonly outcome: PolicyOutcome;
}

export const { write: policyBody, read: readPolicy } = bodyCodec<PolicyReceived>('policy', {
  type: required(1, uint(1)),
  number: required(2, uint()),
  hash: required(3, bytes(32)),
  outcome: required(4, oneOf(POLICY_OUTCOME)),
});
