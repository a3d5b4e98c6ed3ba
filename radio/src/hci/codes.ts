/** Numbers of HCI (Core, Vol 4, Part E) and of what it carries (Core, Vol 3, Parts A and F), as far as a central needs them. */

export const PACKET = { command: 0x01, acl: 0x02, event: 0x04 } as const;

export const STATUS = {
  success: 0x00,
  unknownConnection: 0x02,
  connectionLimit: 0x09,
  disallowed: 0x0c,
} as const;

/** Why a connection is ended by us. */
export const REMOTE_USER_TERMINATED = 0x13;

export const EVENT = {
  disconnectionComplete: 0x05,
  commandComplete: 0x0e,
  commandStatus: 0x0f,
  hardwareError: 0x10,
  completedPackets: 0x13,
  leMeta: 0x3e,
} as const;

export const LE_EVENT = {
  connectionComplete: 0x01,
  advertisingReport: 0x02,
  connectionUpdateComplete: 0x03,
  dataLengthChange: 0x07,
  enhancedConnectionComplete: 0x0a,
} as const;

export const OPCODE = {
  disconnect: 0x0406,
  reset: 0x0c03,
  readAddress: 0x1009,
  readBufferSize: 0x1005,
  readRssi: 0x1405,
  readLeHostSupport: 0x0c6c,
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
} as const;

/** Packet boundary flags of ACL data. */
export const BOUNDARY = { hostStart: 0b00, continuing: 0b01, controllerStart: 0b10 } as const;

/** Fixed L2CAP channels. */
export const CID = { att: 0x0004, signalling: 0x0005, securityManager: 0x0006 } as const;

export const ATT = {
  error: 0x01,
  mtuRequest: 0x02,
  mtuResponse: 0x03,
  findInformationRequest: 0x04,
  findInformationResponse: 0x05,
  readByTypeRequest: 0x08,
  readByTypeResponse: 0x09,
  readRequest: 0x0a,
  readResponse: 0x0b,
  readBlobRequest: 0x0c,
  readBlobResponse: 0x0d,
  readByGroupRequest: 0x10,
  readByGroupResponse: 0x11,
  writeRequest: 0x12,
  writeResponse: 0x13,
  notification: 0x1b,
  indication: 0x1d,
  confirmation: 0x1e,
  writeCommand: 0x52,
} as const;

/** Least significant byte first, as all of HCI. */
export function u16(value: number): readonly [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}
