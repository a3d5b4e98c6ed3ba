/** Devices by what they are reached by: found, opened, closed. */
export { isUnsupported, openDevice, type OpenDevice, type OpenOptions } from './open.js';
export { type SerialChoice, type SerialPorts, serialTarget, serialTargets } from './serial.js';
export { simulatedTargets, type SimulatorChoice } from './sim.js';
export { type Target, TargetError, type Targets } from './target.js';
