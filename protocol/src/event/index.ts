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
  type TimeInterval,
} from './event.js';
export { leafHash, MerkleTree, rootFromProof, verifyInclusion, type InclusionProof } from './merkle.js';
export {
  encodeCommit,
  EventVerifier,
  signCommit,
  type CommitSignature,
  type VerifiedEvent,
} from './message.js';
export { eventJson } from './json.js';
