export {
  POLICY_TYPE,
  openPolicy,
  signPolicy,
  wrapPolicy,
  type PolicyContent,
  type PolicyDemand,
  type PolicyDocument,
  type PolicyDraft,
  type PolicyHeader,
  type PolicyType,
} from './document.js';
export {
  judge,
  readRevocations,
  RevocationList,
  revocationsBody,
  type LastTrusted,
  type RecordPlace,
  type Revocation,
  type RevocationReason,
  type Verdict,
} from './revocations.js';
export { encodeMarks, policyDigest, PolicyShelf, readMarks, type PolicyMark } from './shelf.js';
