/** Enrol: a band or tag bound to an account, changed for another, or taken away (SPEC.md, Enrol). */
import type { CborMap } from '../cbor/index.js';
import { actionBytes, readApproved, type Approved } from './actions.js';
import { bytes, id, oneOf, reference, unixSeconds } from './field-types.js';
import { bodyCodec, contradiction, demand, optional, required } from './layout.js';

export const ENROL_STEP = { issued: 1, replaced: 2, revoked: 3 } as const;
export type EnrolStep = keyof typeof ENROL_STEP;

/** Why a band no longer counts. The numbers are those of revocation lists. */
export const ENROL_REASON = { lost: 1, compromised: 2, replaced: 3, retired: 4 } as const;
export type EnrolReason = keyof typeof ENROL_REASON;

export interface Enrolment {
  /** Random, 16 bytes: makes the action different from every other. */
  readonly nonce: Uint8Array;
  /** When it was decided, Unix seconds. */
  readonly at: number;
  readonly step: EnrolStep;
  readonly account: string;
  /** The band or tag that is issued or revoked. */
  readonly band: string;
  /** Thumbprint of the band's key, 32 bytes. A tag has none. */
  readonly thumbprint?: Uint8Array | undefined;
  /** The band that this one stands in for. Needed when it is replaced. */
  readonly replaces?: string | undefined;
  /** Needed when it is replaced or revoked. */
  readonly reason?: EnrolReason | undefined;
}

const NEEDED: Readonly<Record<EnrolStep, readonly (keyof Enrolment)[]>> = {
  issued: [],
  replaced: ['replaces', 'reason'],
  revoked: ['reason'],
};

const ENROLMENT = bodyCodec<Enrolment>(
  'enrol',
  {
    nonce: required(1, reference),
    at: required(2, unixSeconds),
    step: required(3, oneOf(ENROL_STEP)),
    account: required(4, id),
    band: required(5, id),
    thumbprint: optional(6, bytes(32)),
    replaces: optional(7, id),
    reason: optional(8, oneOf(ENROL_REASON)),
  },
  (enrolment) => {
    demand('enrol', enrolment, NEEDED[enrolment.step]);
    if (enrolment.replaces === enrolment.band) throw contradiction('enrol: a band cannot replace itself');
  },
);

/** The action that one operator approves. @throws CborError, RecordError */
export function enrolAction(enrolment: Enrolment): Uint8Array {
  return actionBytes(ENROLMENT, enrolment);
}

/** @throws CborError `cbor/shape`, RecordError `record/kind` */
export function readEnrol(body: CborMap): Approved<Enrolment> {
  return readApproved(ENROLMENT, body);
}
