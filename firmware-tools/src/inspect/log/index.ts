export { describeEntry, describeInterval, describeProofs, entryJson } from './describe.js';
export {
  LogReader,
  type LogBatch,
  type LogEntry,
  type LogHead,
  type LogReaderOptions,
} from './log-reader.js';
export type { Proof } from './seal-check.js';
