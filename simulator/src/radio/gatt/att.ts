/** The attribute protocol's numbers and its error answer (Core, Vol 3, Part F). */

export const ATT = {
  error: 0x01,
  mtuRequest: 0x02,
  mtuResponse: 0x03,
  findInformationRequest: 0x04,
  findInformationResponse: 0x05,
  findByTypeValueRequest: 0x06,
  findByTypeValueResponse: 0x07,
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

export const ATT_ERROR = {
  invalidHandle: 0x01,
  readNotPermitted: 0x02,
  writeNotPermitted: 0x03,
  invalidPdu: 0x04,
  authentication: 0x05,
  notSupported: 0x06,
  invalidOffset: 0x07,
  notFound: 0x0a,
  invalidLength: 0x0d,
  unsupportedGroup: 0x10,
} as const;
export type AttError = (typeof ATT_ERROR)[keyof typeof ATT_ERROR];

/** MTU before and without an exchange, and the largest that a value needs. */
export const MIN_MTU = 23;
export const MAX_MTU = 517;

/** Set in the opcode of what is never answered. */
export const COMMAND_FLAG = 0x40;

/** Opcode and handle before a notification's or a write's value. */
export const VALUE_HEADER_BYTES = 3;

export function errorResponse(request: number, handle: number, code: AttError): Uint8Array {
  return Uint8Array.of(ATT.error, request, handle & 0xff, handle >> 8, code);
}

/** Why a request is refused, to be caught where its answer is made. */
export class AttRefusal extends Error {
  override readonly name = 'AttRefusal';

  constructor(
    readonly handle: number,
    readonly code: AttError,
  ) {
    super(`ATT error ${code} at handle ${handle}`);
  }
}

export function notification(handle: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(VALUE_HEADER_BYTES + value.length);
  out.set([ATT.notification, handle & 0xff, handle >> 8]);
  out.set(value, VALUE_HEADER_BYTES);
  return out;
}
