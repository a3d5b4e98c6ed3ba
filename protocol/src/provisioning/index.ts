export { openGrant, signGrant, type Grant, type OpenGrant } from './grant.js';
export { signPossession, verifyPossession } from './possession.js';
export { openRenewalRequest, signRenewalRequest, type RenewalRequest } from './renewal.js';
export { openWipe, signWipe, type Wipe, type WipeDemand } from './wipe.js';
