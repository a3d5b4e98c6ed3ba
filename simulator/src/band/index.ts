/** Wristbands: what is on a resident's arm, and who makes them. */
export { addWristband, issue, type Issued } from './issue.js';
export { VIBRATION, type Vibration } from './vibrator.js';
export type { Confirmation, VisitOutcome } from './visits.js';
export { BAND_HARDWARE, Wristband, type WristbandEvent, type WristbandOptions } from './wristband.js';
