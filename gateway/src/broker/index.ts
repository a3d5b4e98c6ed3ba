export {
  addAccount,
  addCertificateAccount,
  bindCertificate,
  removeAccount,
  setDisabled,
  setPassword,
  type AccountDetails,
} from './account-changes.js';
export { type Account, Accounts, hasPassword, readAccounts } from './accounts.js';
export { type Acl, createAcl, type Login } from './acl.js';
export { ACCESS, accessTable, type Role, ROLES } from './access.js';
export { type Broker, type BrokerOptions, type BrokerStats, createBroker } from './broker.js';
export { BrokerError, type BrokerErrorCode } from './errors.js';
export { BROKER_LIMITS, type BrokerLimits } from './limits.js';
export {
  type ClientCertificate,
  clientCertificateOf,
  fingerprintOf,
} from './listeners/client-certificate.js';
export type { ConnectionLimits } from './listeners/connections.js';
export { isThisMachine } from './listeners/network.js';
export type { ListenerAddress } from './listeners/listeners.js';
export { tlsContext, tlsOptions } from './listeners/tls.js';
export type { TlsMaterial } from './listeners/transport.js';
export type { Counters, CursorStore, EventSource, PublishedEvent, SessionCursor } from './ports.js';
