export {
  Committer,
  type Batch,
  type CommittedBatch,
  type CommitterOptions,
  type RecordOutcome,
} from './committer.js';
export { EventLog } from './event-log.js';
export { HeadMarker } from './head-marker.js';
