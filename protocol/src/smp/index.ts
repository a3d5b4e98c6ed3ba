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
  BOOTLOADER_QUERY,
  bootloaderRequest,
  DEFAULT_PARAMETERS,
  OS_COMMAND,
  OS_GROUP,
  parametersRequest,
  RC,
  readParameters,
  resetRequest,
  type SmpParameters,
} from './os-group.js';
export {
  eraseImage,
  IMAGE_COMMAND,
  IMAGE_GROUP,
  imageStateRequest,
  readImageStates,
  setImageState,
  type ImageState,
} from './image-group.js';
export { isBreak, uploadImage, type ImageUploadOptions, type ImageUploadResult } from './image-upload.js';
export { named } from './named.js';
export { call, REFUSAL, TIMEBAND_GROUP, type Command } from './command.js';
export {
  CHALLENGE_DIRECTION,
  CHALLENGE_WHAT,
  HANDSHAKE_METHOD,
  MAX_HELD_POLICIES,
  PUT_WHAT,
  type Challenge,
  type ChallengeDirection,
  type ChallengeWhat,
  type HandshakeMethod,
  type HandshakeStep,
  type HeldPolicy,
  type Put,
  type PutWhat,
} from './exchange-commands.js';
export {
  FACTORY_STATE,
  type FactoryReport,
  type FactoryState,
  type HardwareRole,
  type PossessionRequest,
} from './provisioning-commands.js';
export {
  COMMAND,
  DEFAULT_RECORDS_BYTES,
  BECAUSE,
  OUTCOME,
  type Because,
  type Feedback,
  type Identity,
  type Outcome,
  type Status,
} from './timeband-group.js';
export {
  MAX_PUT_BYTES,
  PUT_PIECE_BYTES,
  receivePut,
  sendPut,
  type PutDocument,
  type PutState,
  type PutStep,
} from './put.js';
