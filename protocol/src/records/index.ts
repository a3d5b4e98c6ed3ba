export {
  actionId,
  approvedBody,
  MAX_APPROVALS,
  type Approval,
  type Approved,
  type Assertion,
} from './actions.js';
export {
  ACTIVITY_PHASE,
  ACTIVITY_ORDER,
  activityBody,
  readActivity,
  rosterHash,
  rosterName,
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
  CORRECTION_REASON,
  CORRECTION_SORT,
  correctAction,
  readCorrect,
  type Correction,
  type CorrectionReason,
  type CorrectionSort,
  type RecordReference,
} from './correct.js';
export {
  TAMPER,
  DEVICE_EVENT,
  deviceBody,
  readDevice,
  type DeviceStatement,
  type EventHead,
  type KnownDeviceStatement,
  type Tamper,
} from './device.js';
export {
  ENROL_REASON,
  ENROL_STEP,
  enrolAction,
  readEnrol,
  type Enrolment,
  type EnrolReason,
  type EnrolStep,
} from './enrol.js';
export { eventTypeOf, KIND, type EventType, type KindName } from './kinds.js';
export {
  MEAL_PHASE,
  MEAL_SLOT,
  MEAL_ORDER,
  mealBody,
  readMeal,
  type Meal,
  type MealPhase,
  type MealSlot,
} from './meal.js';
export {
  MAX_MEDIATORS,
  MEDIATION_OUTCOME,
  mediateBody,
  readMediate,
  type Mediation,
  type MediationOutcome,
} from './mediate.js';
export { mayFollow, type PhaseOrder } from './phases.js';
export { POLICY_OUTCOME, policyBody, readPolicy, type PolicyOutcome, type PolicyReceived } from './policy.js';
export { DIRECTION, punchBody, readPunch, type Direction, type NewPunch, type Punch } from './punch.js';
export {
  REDEEM_PHASE,
  RELEASE_REASON,
  readRedeem,
  REDEEM_ORDER,
  redeemBody,
  type Redeem,
  type RedeemPhase,
  type ReleaseReason,
} from './redeem.js';
export {
  REQUEST_LEVEL,
  REQUEST_PHASE,
  URGENCY,
  CATEGORY,
  readRequest,
  REQUEST_ORDER,
  requestBody,
  type Request,
  type RequestLevel,
  type RequestPhase,
  type Urgency,
} from './request.js';
export {
  type Erasure,
  type ErasedRecord,
  eraseAction,
  erasureRoot,
  erasureSubject,
  readErase,
} from './erase.js';
export { TRANSFER_SORT, readTransfer, transferAction, type Transfer, type TransferSort } from './transfer.js';
export { webauthnChallenge, type RelyingParty } from './webauthn.js';
