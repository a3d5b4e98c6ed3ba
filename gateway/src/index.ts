/** @timeband/gateway: what tests and tools of other packages use of the box. */
export { Accounts, addAccount, createBroker, type PublishedEvent } from './broker/index.js';
export {
  configSchema,
  loadConfig,
  loadCredentials,
  siteFiles,
  type Config,
  type Credentials,
} from './config/index.js';
export { Committer, EventLog } from './events/index.js';
export { Visits } from './ledger/index.js';
export { LinkSupervisor } from './link/index.js';
export { initSite, startGateway, type GatewayReport } from './ops/index.js';
export { Store } from './store/index.js';
export { Poller, Session, type SyncContext } from './sync/index.js';
