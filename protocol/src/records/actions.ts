/**
 * What operators approve: an enrolment, a correction, a transfer. The record's body carries the action as bytes, so
 * that what was approved is what was signed, and the approvals beside it (SPEC.md, Approvals).
 */
import { decodeStrict, encode, entries, type CborMap, type CborValue, Fields } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { CborError } from '../errors.js';
import { bytes } from './field-types.js';
import type { BodyCodec } from './layout.js';

/** One approval: by an operator's certified key in COSE, or by an authenticator's in WebAuthn. */
export type Approval =
  /** COSE_Sign1 of purpose `approve`, the action detached. */
  | { readonly by: 'certificate'; readonly message: Uint8Array }
  | ({ readonly by: 'webauthn'; readonly kid: Uint8Array } & Assertion);

/** What an authenticator returns (W3C Web Authentication, AuthenticatorAssertionResponse). */
export interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  /** ECDSA in ASN.1 DER. */
  readonly signature: Uint8Array;
}

/** An action and who approved it; nothing of it verified. */
export interface Approved<T> {
  readonly action: T;
  /** The action as it was approved. */
  readonly bytes: Uint8Array;
  readonly approvals: readonly Approval[];
}

/** More than any action needs; bounds the work of verifying. */
export const MAX_APPROVALS = 4;

const kid = bytes(8);

/** The bytes of an action, to be approved and then recorded. */
export function actionBytes<T>(codec: BodyCodec<T>, action: T): Uint8Array {
  return encode(codec.write(action));
}

/**
 * Names an action: SHA-256 of its bytes, 32 bytes. An action is good for one record; the same one met again
 * corroborates and moves nothing.
 */
export function actionId(action: Uint8Array): Uint8Array {
  return sha256(action);
}

/** The body of an approved record: `{1: action, 2: [approval…]}`. */
export function approvedBody(action: Uint8Array, approvals: readonly Approval[]): CborMap {
  return entries([1, action], [2, approvals.map(approvalMap)]);
}

/** Reads a body without verifying its approvals. @throws CborError `cbor/shape`, RecordError `record/kind` */
export function readApproved<T>(codec: BodyCodec<T>, body: CborMap): Approved<T> {
  const fields = Fields.of(body, 'approved');
  const action = fields.bytes(1);
  const approvals = fields.array(2);
  if (approvals.length > MAX_APPROVALS)
    throw new CborError('cbor/shape', `more than ${MAX_APPROVALS} approvals`);
  const map = decodeStrict(action);
  if (!(map instanceof Map)) throw new CborError('cbor/shape', 'the action is not a map');
  return { action: codec.read(map as CborMap), bytes: action, approvals: approvals.map(readApproval) };
}

function approvalMap(approval: Approval): CborMap {
  if (approval.by === 'certificate') return entries([1, approval.message]);
  const { authenticatorData, clientDataJSON, signature } = approval;
  return entries([
    2,
    entries([1, approval.kid], [2, authenticatorData], [3, clientDataJSON], [4, signature]),
  ]);
}

function readApproval(value: CborValue): Approval {
  const fields = Fields.of(value, 'approval');
  if (fields.has(1)) return { by: 'certificate', message: fields.bytes(1) };
  const assertion = fields.fields(2);
  return {
    by: 'webauthn',
    kid: kid.read(assertion, 1),
    authenticatorData: assertion.bytes(2),
    clientDataJSON: assertion.bytes(3),
    signature: assertion.bytes(4),
  };
}
