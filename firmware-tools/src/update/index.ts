/** Updates of firmware. */
export { checkImage, type CheckOptions } from './check.js';
export { UpdateError, type UpdateErrorCode } from './errors.js';
export { type ManyOptions, updateMany } from './many.js';
export { RateMeter } from './rate.js';
export {
  updateDevice,
  type UpdateOptions,
  type UpdatePhase,
  type UpdateProgress,
  type UpdateReport,
} from './update.js';
