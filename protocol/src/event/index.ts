export {
  decodeEvent,
  encodeEvent,
  encodeEventAt,
  eventGenesis,
  eventHash,
  type Event,
  type EventContent,
  type EventPlace,
  type Evidence,
} from './event.js';
export {
  leafHash,
  MerkleTree,
  nodeHash,
  rootFromConsistency,
  rootFromProof,
  verifyInclusion,
  type ConsistencyProof,
  type InclusionProof,
} from './merkle.js';
export { consistencyPath, inclusionPath, treeRoot, type SubtreeHash } from './log-tree.js';
export {
  encodeCommit,
  EventVerifier,
  signCommit,
  type CommitSignature,
  type VerifiedEvent,
} from './message.js';
export { eventJson } from './json.js';
