export { decodePacket, encodePacket, HEADER_BYTES, OP, type Op, type SmpPacket } from './header.js';
export {
  crc16,
  Deframer,
  encodeFrame,
  framedLength,
  MAX_LINE_BYTES,
  type DeframerHandlers,
} from './frame.js';
export { SmpClient, type SmpClientOptions, type SmpRequest } from './client.js';
export {
  DEFAULT_PARAMETERS,
  OS_COMMAND,
  OS_GROUP,
  parametersRequest,
  RC,
  readParameters,
  type SmpParameters,
} from './os-group.js';
export {
  call,
  COMMAND,
  DEFAULT_RECORDS_BYTES,
  OUTCOME,
  REFUSAL,
  TIMEBAND_GROUP,
  type Command,
  type Feedback,
  type Identity,
  type Outcome,
  type Status,
} from './timeband-group.js';
