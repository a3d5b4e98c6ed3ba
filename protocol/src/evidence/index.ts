export { ACT_BYTES, actId, jointNonce } from './act.js';
export { openAnswer, PRESS_SECONDS, signAnswer, type Answer } from './answer.js';
export { assess, type Assessment, type EvidenceContext, type UsedCounter } from './assess.js';
export { signStatement, verifyAttestation, verifyStatement, type BandKey } from './attestation.js';
export { claimOf, type Claim } from './claim.js';
export { checkCounter, type CounterNeighbours, type CounterUse } from './counters.js';
export {
  CHALLENGE_NONCE_BYTES,
  PICC_DATA_BYTES,
  proofMap,
  readProof,
  SUN_MAC_BYTES,
  SUN_UID_BYTES,
  tagId,
  type AnswerProof,
  type EncryptedSunProof,
  type KnownProof,
  type OwnProof,
  type Proof,
  type SunProof,
  type UidProof,
  type UnknownProof,
} from './proof.js';
export {
  CONFIRMED_BY,
  encodeStatement,
  LONGEST_VISIT_SECONDS,
  readStatement,
  type ConfirmedBy,
  type VisitStatement,
} from './statement.js';
export { parseSunUrl } from './sun-url.js';
export {
  makeEncryptedSun,
  makeSun,
  openPiccData,
  sdmMac,
  TAG_KEY_BYTES,
  verifySdmMac,
  type TagReading,
} from './sun.js';
export { diversifyKey, tagFileReadKey } from './tag-keys.js';
export {
  providerStep,
  type ProviderBand,
  type ProviderEffect,
  type ProviderInput,
  type ProviderState,
  type Stated,
} from './visit-provider.js';
export {
  recipientStep,
  type RecipientBand,
  type RecipientEffect,
  type RecipientInput,
  type RecipientState,
} from './visit-recipient.js';
export { agrees, isPressed, PEER_SECONDS, type Moment, type Step, type Visit } from './visit.js';
