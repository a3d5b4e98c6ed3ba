/** Numbers of HCI (Core, Vol 4, Part E), as far as a central of Bluetooth LE needs them. */

export const STATUS = {
  success: 0x00,
  unknownCommand: 0x01,
  unknownConnection: 0x02,
  limitExceeded: 0x07,
  connectionLimit: 0x09,
  connectionExists: 0x0b,
  disallowed: 0x0c,
  unsupported: 0x11,
  invalidParameters: 0x12,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

export const EVENT = {
  disconnectionComplete: 0x05,
  commandComplete: 0x0e,
  commandStatus: 0x0f,
  hardwareError: 0x10,
  numberOfCompletedPackets: 0x13,
  dataBufferOverflow: 0x1a,
  leMeta: 0x3e,
} as const;

/** Subevents of the LE meta event. */
export const LE_EVENT = {
  connectionComplete: 0x01,
  advertisingReport: 0x02,
  connectionUpdateComplete: 0x03,
  dataLengthChange: 0x07,
  enhancedConnectionComplete: 0x0a,
  extendedAdvertisingReport: 0x0d,
} as const;
export type LeEvent = (typeof LE_EVENT)[keyof typeof LE_EVENT];

/** Packet boundary flags of ACL data: the beginning of a frame from a host and from a controller, and the rest of one. */
export const BOUNDARY = { hostStart: 0b00, continuing: 0b01, controllerStart: 0b10 } as const;

export const OPCODE = {
  disconnect: 0x0406,
  setEventMask: 0x0c01,
  reset: 0x0c03,
  readLeHostSupport: 0x0c6c,
  writeLeHostSupport: 0x0c6d,
  readVersion: 0x1001,
  readBufferSize: 0x1005,
  readAddress: 0x1009,
  readRssi: 0x1405,
  leSetEventMask: 0x2001,
  leReadBufferSize: 0x2002,
  leReadFeatures: 0x2003,
  leSetScanParameters: 0x200b,
  leSetScanEnable: 0x200c,
  leCreateConnection: 0x200d,
  leCancelConnection: 0x200e,
  leReadAcceptListSize: 0x200f,
  leClearAcceptList: 0x2010,
  leAddToAcceptList: 0x2011,
  leRemoveFromAcceptList: 0x2012,
  leUpdateConnection: 0x2013,
  leSetDataLength: 0x2022,
  leReadMaxDataLength: 0x202f,
  leSetExtendedScanParameters: 0x2041,
  leSetExtendedScanEnable: 0x2042,
  leExtendedCreateConnection: 0x2043,
} as const;
