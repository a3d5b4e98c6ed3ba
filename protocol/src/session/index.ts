export {
  certifiedPeer,
  METHOD as EDHOC_METHOD,
  ownCredentials,
  type CertifiedParty,
  type CertifiedPeer,
} from './certified.js';
export {
  MAX_SESSION_MESSAGES,
  SecureChannel,
  SESSION_CONTEXT,
  SESSION_LABEL,
  SESSION_OVERHEAD_BYTES,
  type Address,
} from './channel.js';
export { demandsSession, SessionClient } from './client.js';
export {
  advanceDevice,
  IDLE,
  type DeviceHandshake,
  type DeviceParty,
  type DeviceTransition,
  type Session,
  type SessionPeer,
} from './device.js';
export * as edhoc from './edhoc/index.js';
export { isOpenToAll, mayAsk } from './gate.js';
export { SecureLink } from './link.js';
export {
  answerNonce,
  checkGateway,
  findDevice,
  macExporter,
  proveGateway,
  SESSION_NONCE_BYTES,
  type AwaitingGatewayProof,
} from './mutual-mac.js';
export {
  HANDSHAKE_MS,
  MIN_SESSION_BUFFER_BYTES,
  SessionServer,
  type Admission,
  type SessionServerOptions,
} from './server.js';
