export { Uplink, type UplinkOptions, type UplinkReport, type UplinkState } from './uplink.js';
