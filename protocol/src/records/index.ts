export {
  actionId,
  approvedBody,
  MAX_APPROVALS,
  type Approval,
  type Approved,
  type Assertion,
} from './actions.js';
export {
  ACTIVITY_ORDER,
  activityBody,
  readActivity,
  rosterHash,
  type Activity,
  type ActivityPhase,
} from './activity.js';
export {
  approve,
  APPROVERS_NEEDED,
  verifyApprovals,
  type ApprovalContext,
  type ApprovedRecord,
  type Operator,
} from './approvals.js';
export { attestBody, readAttest, type Attestation } from './attest.js';
export { readBody, type RecordBody } from './body.js';
export {
  correctAction,
  readCorrect,
  type Correction,
  type CorrectionReason,
  type CorrectionSort,
  type RecordReference,
} from './correct.js';
export {
  DEVICE_EVENT,
  deviceBody,
  readDevice,
  type DeviceStatement,
  type EventHead,
  type KnownDeviceStatement,
  type Tamper,
} from './device.js';
export { enrolAction, readEnrol, type Enrolment, type EnrolReason, type EnrolStep } from './enrol.js';
export { eventTypeOf, KIND, type EventType, type KindName } from './kinds.js';
export { MEAL_ORDER, mealBody, readMeal, type Meal, type MealPhase, type MealSlot } from './meal.js';
export { mediateBody, readMediate, type Mediation, type MediationOutcome } from './mediate.js';
export { mayFollow, type PhaseOrder } from './phases.js';
export { policyBody, readPolicy, type PolicyOutcome, type PolicyReceived } from './policy.js';
export { punchBody, readPunch, type Direction, type NewPunch, type Punch } from './punch.js';
export {
  readRedeem,
  REDEEM_ORDER,
  redeemBody,
  type Redeem,
  type RedeemPhase,
  type ReleaseReason,
} from './redeem.js';
export {
  CATEGORY,
  readRequest,
  REQUEST_ORDER,
  requestBody,
  type Request,
  type RequestLevel,
  type RequestPhase,
  type Urgency,
} from './request.js';
export { readTransfer, transferAction, type Transfer, type TransferSort } from './transfer.js';
export { webauthnChallenge, type RelyingParty } from './webauthn.js';
