export { CityLink } from './city-link.js';
export { readUplinkCredentials } from './credentials.js';
export { failureOf, type FailureState, UplinkFailure, type UplinkFailureCode } from './failure.js';
export { probe, probeCity } from './probe.js';
export { Uplink, type UplinkOptions, type UplinkReport, type UplinkState } from './uplink.js';
export { TokenBucket } from './token-bucket.js';
