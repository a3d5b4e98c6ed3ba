/** Gives devices to a site and takes them back. */
export { Desk, VALID_DAYS, type DeskOptions } from './desk.js';
export { ProvisionError } from './errors.js';
export { benchOnAir, openAtDesk, overAir, type OverAirOptions, type ReachOptions } from './over-air.js';
export {
  askFactory,
  provisionDevice,
  type Plan,
  type Provisioned,
  type ProvisionOptions,
  type ProvisionStep,
} from './provision.js';
export { RegisterFile } from './register-file.js';
export { nextStep, type Knowledge, type NextStep } from './steps.js';
export { wipeDevice, type Wiped } from './wipe.js';
