export type { SyncContext } from './context.js';
export { OpeningCommitter } from './opening-committer.js';
export { FaultReporter, type Counters } from './faults.js';
export { Poller } from './poller.js';
export { Session, type SessionState } from './session.js';
