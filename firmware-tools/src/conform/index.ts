/** Whether a device does what the specification says: checks as data, a run over any link, reports. */
export { AREAS, type Area, type Check } from './check.js';
export { type Need } from './verdict.js';
export { CHECKS } from './checks/index.js';
export { ConformError } from './errors.js';
export { toJunit } from './report/junit.js';
export { toPage } from './report/page.js';
export { toTap } from './report/tap.js';
export {
  runConformance,
  selectChecks,
  type CheckResult,
  type ConformOptions,
  type ConformProgress,
  type ConformReport,
  type Verdict,
} from './run.js';
export type { Issuer, Subject } from './subject.js';
