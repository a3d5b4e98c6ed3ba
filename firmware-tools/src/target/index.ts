/** Devices by what they are reached by: found, opened, closed. */
export { BleRadio, type BleRadioOptions } from './ble/ble-radio.js';
export { addressText, type Neighbour } from './ble/neighbours.js';
export { type BleChoice, bleTarget, bleTargets, isMeant, nameOf } from './ble/targets.js';
export { isUnsupported, openDevice, type OpenDevice, type OpenOptions } from './open.js';
export { type SerialChoice, type SerialPorts, serialTarget, serialTargets } from './serial.js';
export { simulatedTargets, type SimulatedTargets, type SimulatorChoice } from './sim.js';
export { type Target, TargetError, type Targets } from './target.js';
