export { readUplinkCredentials } from './credentials.js';
export { UplinkFailure } from './failure.js';
export { probeCity } from './probe.js';
export { Uplink, type UplinkOptions, type UplinkReport, type UplinkState } from './uplink.js';
