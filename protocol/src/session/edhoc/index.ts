export type { Completed, Step } from './completed.js';
export type { CredentialOf, OwnCredential, OwnKey, PeerCredential, PeerKey } from './credential.js';
export {
  initiate,
  receiveMessage2,
  receiveMessage4,
  type AwaitingMessage2,
  type AwaitingMessage4,
  type InitiatorOptions,
} from './initiator.js';
export { encodeError, MAX_MESSAGE_BYTES, SuitesError, type Method } from './messages.js';
export {
  receiveMessage1,
  receiveMessage3,
  type AwaitingMessage3,
  type ResponderOptions,
} from './responder.js';
export { exporter, kdf, prkExporter, updatedPrkOut, type Exporter } from './schedule.js';
export { offerSuites, suiteOf, SUITES, type CipherSuite } from './suites.js';
