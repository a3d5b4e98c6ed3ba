export { verifyCertified, verifyIdentity, type KnownDeviceKeys, type VerifiedDevice } from './device.js';
export { checkBody, type Approvers } from './bodies.js';
export { Bands, type BandsOptions } from './bands.js';
export { Assessor, bandNamed, counts, isDoubted, isSuspicious, type AssessorOptions } from './evidence.js';
export { speakersOf } from './speakers.js';
