/** Bodies of all kinds by the number of their kind: the one place that knows them all (SPEC.md, Record). */
import type { CborMap } from '../cbor/index.js';
import type { Approved } from './actions.js';
import { type Activity, readActivity } from './activity.js';
import { type Attestation, readAttest } from './attest.js';
import { type Correction, readCorrect } from './correct.js';
import { type DeviceStatement, readDevice } from './device.js';
import { type Enrolment, readEnrol } from './enrol.js';
import { eventTypeOf } from './kinds.js';
import { type Meal, readMeal } from './meal.js';
import { type Mediation, readMediate } from './mediate.js';
import { type PolicyReceived, readPolicy } from './policy.js';
import { type Punch, readPunch } from './punch.js';
import { type Redeem, readRedeem } from './redeem.js';
import { type Request, readRequest } from './request.js';
import { readTransfer, type Transfer } from './transfer.js';

export type RecordBody =
  | { readonly kind: 'enrol'; readonly value: Approved<Enrolment> }
  | { readonly kind: 'punch'; readonly value: Punch }
  | { readonly kind: 'attest'; readonly value: Attestation }
  | { readonly kind: 'activity'; readonly value: Activity }
  | { readonly kind: 'redeem'; readonly value: Redeem }
  | { readonly kind: 'meal'; readonly value: Meal }
  | { readonly kind: 'request'; readonly value: Request }
  | { readonly kind: 'mediate'; readonly value: Mediation }
  | { readonly kind: 'correct'; readonly value: Approved<Correction> }
  | { readonly kind: 'transfer'; readonly value: Approved<Transfer> }
  | { readonly kind: 'device'; readonly value: DeviceStatement }
  | { readonly kind: 'policy'; readonly value: PolicyReceived }
  /** Of a later version: stored and forwarded like any other, without a meaning. */
  | { readonly kind: 'other' };

/**
 * Reads the body of a record. A body that does not read, or that names a choice nobody listed, has no effect; its
 * record is stored, acknowledged and published all the same.
 *
 * @throws CborError `cbor/shape`, RecordError `record/kind`
 */
export function readBody(kind: number, body: CborMap): RecordBody {
  const name = eventTypeOf(kind);
  switch (name) {
    case 'enrol':
      return { kind: name, value: readEnrol(body) };
    case 'punch':
      return { kind: name, value: readPunch(body) };
    case 'attest':
      return { kind: name, value: readAttest(body) };
    case 'activity':
      return { kind: name, value: readActivity(body) };
    case 'redeem':
      return { kind: name, value: readRedeem(body) };
    case 'meal':
      return { kind: name, value: readMeal(body) };
    case 'request':
      return { kind: name, value: readRequest(body) };
    case 'mediate':
      return { kind: name, value: readMediate(body) };
    case 'correct':
      return { kind: name, value: readCorrect(body) };
    case 'transfer':
      return { kind: name, value: readTransfer(body) };
    case 'device':
      return { kind: name, value: readDevice(body) };
    case 'policy':
      return { kind: name, value: readPolicy(body) };
    case 'other':
      return { kind: name };
  }
}
