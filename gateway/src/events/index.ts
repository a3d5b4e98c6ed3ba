export { Committer, type Batch, type CommitterOptions } from './committer.js';
export { EventLog } from './event-log.js';
export { HeadMarker } from './head-marker.js';
