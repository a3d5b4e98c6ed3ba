export { FactoryDevice, type FactoryDeviceOptions, type FactoryEvent } from './factory-device.js';
export type { Hardware } from './blank-device.js';
