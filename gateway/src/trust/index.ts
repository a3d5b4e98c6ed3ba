export { DeviceKeys } from './device-keys.js';
export { Operators, type OperatorsOptions } from './operators.js';
export { Policies, type PoliciesOptions } from './policies.js';
export { reviewOf } from './review.js';
export { refuseOwnEnd, standsBack, type OwnEnd, type Standing } from './standing.js';
