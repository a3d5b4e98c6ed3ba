/** @timeband/simulator: bands and readers that behave, and misbehave, like real ones. */
export { BREAK_NAMES, BREAKS, isBreakName, type Break, type BreakName } from './breaks/index.js';
export { certify } from './certify.js';
export {
  createSimulatedReader,
  DEFAULT_SLOTS,
  SimulatedReader,
  type SimulatedReaderOptions,
} from './reader.js';
export {
  FAULT_NAMES,
  FAULTS,
  parseFault,
  type Behaviour,
  type Fault,
  type FaultChoice,
  type FaultName,
} from './faults/index.js';
export {
  factoryImage,
  Machine,
  ImageSlots,
  type BootOptions,
  type MachineMode,
} from './firmware/boot/index.js';
export { NorFlash, PowerCut } from './firmware/flash.js';
export type { DeviceEvent, TapResult } from './firmware/device-event.js';
export { Device } from './firmware/device.js';
export { type DeviceOptions, FIRMWARE, HARDWARE } from './firmware/device-options.js';
export { deviceCommands, type CommandHandler, type CommandSettings } from './firmware/commands.js';
export { DEFAULT_SETTINGS, SmpServer, type ServerCounters } from './firmware/server.js';
export { seededRandom, type Random } from './random.js';
export {
  BandStock,
  PLAIN_TAGS,
  WRISTBANDS,
  plainTag,
  type Band,
  type BandKind,
  type BandMix,
  type BandRange,
  type BandStockOptions,
} from './taps/bands.js';
export { Residents, startTaps } from './taps/generator.js';
export { provision, type Issue, type Provisioned } from './taps/provision.js';
export { SERVICES, serviceName } from './taps/services.js';
export { memoryLink, type MemoryLink, type MemoryLinkOptions } from './uart/memory-link.js';
export type { LineDevice } from './uart/line-device.js';
export { lineMs, PacedLine } from './uart/pacing.js';
export { PtyPort, type PtyPortOptions } from './uart/pty.js';
export { DEFAULT_BAUD, SerialReader, type SerialReaderOptions } from './uart/serial-reader.js';
export { Child, type JsonObject, runJson } from './programs/child.js';
export * from './tag-reader/index.js';
export * from './factory/index.js';
export * from './band/index.js';
export * from './radio/index.js';
