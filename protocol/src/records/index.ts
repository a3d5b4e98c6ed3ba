export { eventTypeOf, KIND, type EventType, type KindName } from './kinds.js';
export { punchBody, readPunch, tagId, type Direction, type Punch } from './punch.js';
export { DEVICE_EVENT, deviceBody, readDevice, type DeviceStatement } from './device.js';
