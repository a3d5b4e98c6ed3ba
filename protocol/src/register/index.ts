export {
  decodeEntry,
  encodeEntry,
  REGISTER_WHAT,
  type RegisteredDevice,
  type RegisterEntry,
  type RegisterNote,
  type RegisterWhat,
} from './entry.js';
export { readRegister, REGISTER_HEADER, registerLine, type ReadRegister } from './file.js';
export { Register, type DeviceStanding, type RegisterOptions } from './register.js';
