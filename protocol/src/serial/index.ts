/** The serial link. Needs the `serialport` package beside this one. */
export { openSerialLink, type SerialLink } from './link.js';
export { openSerialLine, SerialLine, type SerialLineHandlers } from './line.js';
export { DEFAULT_BAUD_RATE, type SerialLinkOptions } from './open-port.js';
export { useDirectIo } from './direct-io.js';
export { findPorts, findUsbPorts, parseUsbIdentity, type UsbIdentity } from './ports.js';
