/** The serial link. Needs the `serialport` package beside this one. */
export { DEFAULT_BAUD_RATE, openSerialLink, type SerialLink, type SerialLinkOptions } from './link.js';
export { useDirectIo } from './direct-io.js';
export { findPorts, findUsbPorts, parseUsbIdentity, type UsbIdentity } from './ports.js';
