/** Images in flash and the bootloader that starts them. */
export { factoryImage, readSlotImage } from './image.js';
export { imageCommands, recoveryCommands, type FlashTiming } from './image-commands.js';
export { DEFAULT_SLOT_BYTES, Machine, type BootOptions, type MachineMode } from './machine.js';
export { ImageSlots } from './slots.js';
