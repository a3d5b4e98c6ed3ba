/** What two bands attest: one visit of a provider to a recipient (SPEC.md, Visit). */
import { decodeStrict, encode, type CborMap } from '../cbor/index.js';
import { CborError, EvidenceError } from '../errors.js';
import { bytes, id, oneOf, service, uint } from '../records/field-types.js';
import { bodyCodec, optional, required } from '../records/layout.js';
import { CHALLENGE_NONCE_BYTES } from './proof.js';

/** Longest visit, in seconds: over 720 minutes a day are refused whoever approves. */
export const LONGEST_VISIT_SECONDS = 720 * 60;

/** Who says that the visit was as stated. */
export const CONFIRMED_BY = { recipient: 1, carer: 2, staff: 3 } as const;
export type ConfirmedBy = keyof typeof CONFIRMED_BY;

export interface VisitStatement {
  /** The joint nonce, 16 bytes. */
  readonly nonce: Uint8Array;
  /** Ids of the two bands. */
  readonly provider: string;
  readonly recipient: string;
  /** Number in the catalogue. */
  readonly service: number;
  /** From the meeting to the attestation, by the provider's uptime. It ended when the record was made. */
  readonly seconds: number;
  /** Minutes claimed: never more than the seconds make whole. */
  readonly minutes: number;
  /** 1 to 5. */
  readonly rating?: number | undefined;
  readonly confirmedBy: ConfirmedBy;
}

const codec = bodyCodec<VisitStatement>(
  'statement',
  {
    nonce: required(1, bytes(CHALLENGE_NONCE_BYTES)),
    provider: required(2, id),
    recipient: required(3, id),
    service: required(4, service),
    seconds: required(5, uint(0, LONGEST_VISIT_SECONDS)),
    minutes: required(6, uint(0, LONGEST_VISIT_SECONDS / 60)),
    rating: optional(7, uint(1, 5)),
    confirmedBy: required(8, oneOf(CONFIRMED_BY)),
  },
  ({ provider, recipient, seconds, minutes }) => {
    if (provider === recipient) throw new EvidenceError('evidence/shape', 'a band that visits itself');
    if (minutes * 60 > seconds) {
      throw new EvidenceError('evidence/shape', `${minutes} minutes in ${seconds} seconds`);
    }
  },
);

/** The bytes that both bands answer for. @throws CborError, EvidenceError for a statement that nobody could believe */
export function encodeStatement(statement: VisitStatement): Uint8Array {
  return encode(codec.write(statement));
}

/** @throws CborError, EvidenceError `evidence/shape` */
export function readStatement(bytes: Uint8Array): VisitStatement {
  const map = decodeStrict(bytes);
  if (!(map instanceof Map)) throw new CborError('cbor/shape', 'statement: not a map');
  return codec.read(map as CborMap);
}
