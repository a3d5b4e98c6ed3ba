export { type Deed, decodeEntry, shortly, type TrailEntry, type Way, WAYS } from './entry.js';
export { type TrailHead, trailGenesis, verifyTrailHead } from './head.js';
export { BROKEN, FORGET, Trail, type TrailOptions } from './trail.js';
