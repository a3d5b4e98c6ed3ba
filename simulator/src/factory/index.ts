export { addFactoryBand, FactoryBand, type FactoryBandOptions } from './factory-band.js';
export { FactoryDevice, type FactoryDeviceOptions } from './factory-device.js';
export type { FactoryEvent } from './life.js';
export type { Hardware } from './blank-device.js';
