export type { ForwardedBatch, ForwardedPlace, Forwarding, RelayedAck, SyncContext } from './context.js';
export { OpeningCommitter } from './opening-committer.js';
export { FaultReporter, type Counters } from './faults.js';
export { ownAck } from './own-word.js';
export { Poller } from './poller.js';
export { Session, type SessionState } from './session.js';
