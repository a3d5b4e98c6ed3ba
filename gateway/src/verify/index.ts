export {
  receiveRecord,
  verifyBatch,
  type LogPosition,
  type ReceivedRecord,
  type SealedRecord,
  type SealedRecords,
} from './batch.js';
export { verifyIdentity, type VerifiedDevice } from './device.js';
export { readRecord, type Reading } from './evidence.js';
export { trustedInterval, type SealMoment } from './time.js';
