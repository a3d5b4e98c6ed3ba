export {
  type Forward,
  type ForwardedRecords,
  MAX_FORWARDED_BYTES,
  openForward,
  type OpenedForward,
  signForward,
  verifyForwarded,
} from './forward.js';
export { type ForwardAnswer, type ForwardOutcome, openForwardAnswer, signForwardAnswer } from './answer.js';
