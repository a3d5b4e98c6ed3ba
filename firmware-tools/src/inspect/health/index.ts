export { describeDiagnosis, diagnose, type Diagnosis, type DoctorOptions } from './doctor.js';
export type { HealthFinding } from './examination.js';
export { measureLink, type LinkQuality } from './link.js';
