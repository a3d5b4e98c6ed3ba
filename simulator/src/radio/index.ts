/** The simulated radio: an air full of bands, and Bluetooth LE controllers in it that any HCI host can use. */
export { address, addressText, staticAddress, type Address } from './air/address.js';
export { Air, type Advert, type AirOptions } from './air/air.js';
export { standingAt, walkingBetween, type Path, type Position } from './air/signal.js';
export { adStructure, plainAdvert } from './band/adverts.js';
export { Band as RadioBand, type BandOptions as RadioBandOptions } from './band/band.js';
export type { BandBehaviour, BandControl, BandFault, BandFaultContext } from './band/behaviour.js';
export { echoFirmware, type EchoOptions } from './band/echo-firmware.js';
export type {
  BandAdvert,
  BandCentral,
  BandFirmware,
  BandRadio,
  FirmwareFactory,
  HeardAdvert,
} from './band/firmware.js';
export { handlerFirmware, type HandlerOptions } from './band/handler-firmware.js';
export { SnoopFile } from './btsnoop.js';
export { EventClock, RealTime } from './clock.js';
export { Controller, type HostLine, type Monitor } from './controller.js';
export {
  HOSTILE_NAMES,
  isRadioFault,
  RADIO_FAULT_NAMES,
  RADIO_FAULTS,
  type RadioFaultName,
} from './faults/index.js';
export type { ControllerOptions } from './hci/command.js';
export type { AirShare } from './link-layer/radio-budget.js';
export { MemoryPort } from './port/memory-port.js';
export { TerminalPort, type TerminalPortOptions } from './port/terminal-port.js';
export { RadioSimulation, type AddedBand, type SimulationOptions } from './simulation.js';
