export {
  Committer,
  type Batch,
  type CommittedBatch,
  type CommitterOptions,
  LogMoved,
  type RecordOutcome,
  type StorageGate,
} from './committer.js';
export { CurrentEpoch } from './current-epoch.js';
export { type EpochOpening, EventLog } from './event-log.js';
export {
  HeadMarker,
  judgeMarker,
  type MarkerVerdict,
  nameOf,
  newestEvent,
  readMarker,
  writeMarker,
} from './head-marker.js';
export { type ChainedEvents, chainEvents, contentOf, startOf, type RebuiltContent } from './rebuild.js';
