/** Which of a controller's events noble can read: those that it knows, as long as it expects them to be. */
import { EVENT, LE_EVENT, OPCODE } from './codes.js';

/** Bytes of parameters at least. */
const EVENT_BYTES: Readonly<Record<number, number>> = {
  [EVENT.disconnectionComplete]: 4,
  [EVENT.commandComplete]: 4,
  [EVENT.commandStatus]: 4,
  [EVENT.completedPackets]: 1,
  [EVENT.leMeta]: 2,
};

/** Subevent code included. */
const LE_EVENT_BYTES: Readonly<Record<number, number>> = {
  [LE_EVENT.connectionComplete]: 19,
  [LE_EVENT.enhancedConnectionComplete]: 31,
  [LE_EVENT.connectionUpdateComplete]: 10,
  [LE_EVENT.dataLengthChange]: 11,
};

/** Return parameters that noble reads without looking how many there are. */
const RESULT_BYTES: Readonly<Record<number, number>> = {
  [OPCODE.leReadFeatures]: 8,
  [OPCODE.leReadBufferSize]: 3,
  [OPCODE.readBufferSize]: 7,
  [OPCODE.readLeHostSupport]: 2,
  [OPCODE.readRssi]: 3,
};

/** @param parameters after code and length */
export function isReadable(code: number, parameters: Uint8Array): boolean {
  const least = EVENT_BYTES[code];
  if (least === undefined || parameters.length < least) return false;
  if (code === EVENT.completedPackets) return parameters.length === 1 + 4 * (parameters[0] ?? 0);
  if (code !== EVENT.leMeta) return true;
  const leLeast = LE_EVENT_BYTES[parameters[0] ?? 0];
  return leLeast !== undefined && parameters.length >= leLeast;
}

/** Whether a successful command's return parameters are all there. */
export function isWholeResult(opcode: number, values: Uint8Array): boolean {
  return values.length >= (RESULT_BYTES[opcode] ?? 0);
}
