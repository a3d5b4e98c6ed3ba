export { DeviceKeys } from './device-keys.js';
export { Operators, type OperatorsOptions } from './operators.js';
export { Policies, type PoliciesOptions } from './policies.js';
export { reviewOf } from './review.js';
export { importRegister, SiteRegister, type Imported, type RegisterFiles } from './site-register.js';
export { refuseOwnEnd, standsBack, type OwnEnd, type Standing } from './standing.js';
