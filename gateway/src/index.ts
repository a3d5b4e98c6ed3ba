/** @timeband/gateway: what tests and tools of other packages use of the box. */
export { openapi, QUESTIONS } from './api/index.js';
export { FINDING_CODES, reconcile, type AuditReport, type Finding, type LogAccount } from './audit/index.js';
export { Accounts, addAccount, createBroker, type PublishedEvent } from './broker/index.js';
export {
  configSchema,
  loadConfig,
  loadCredentials,
  settingsPage,
  siteFiles,
  TagKeys,
  type Config,
  type Credentials,
  type UplinkConfig,
} from './config/index.js';
export { GatewayMetrics, metricsPage } from './monitor/index.js';
export { erase, planErasure } from './erasure/index.js';
export { Committer, CurrentEpoch, EventLog } from './events/index.js';
export { ForwardDesk, ForwardQueue, Handover, PeerLink } from './forward/index.js';
export { MEAL_DAYS } from './kitchen/index.js';
export { Matters } from './matters/index.js';
export { caseCourses } from './mediation/index.js';
export { Ledger, Visits } from './ledger/index.js';
export { LinkSupervisor } from './link/index.js';
export { OwnLog } from './own-log/index.js';
export {
  approversOf,
  checkSite,
  checkUplink,
  initSite,
  askControl,
  reconcileSite,
  startGateway,
  startUplink,
  verifySite,
  type GatewayReport,
  type RunningGateway,
} from './ops/index.js';
export {
  Radio,
  RadioHost,
  RadioService,
  type RadioOptions,
  type RadioState,
  type Sighting,
  type Visit,
} from './radio/index.js';
export { LogTree, Receipts } from './receipts/index.js';
export { MIGRATIONS, openSnapshot, type Snapshot, Store } from './store/index.js';
export { type Service, startService } from './service/index.js';
export { DeviceKeys, Operators, Policies } from './trust/index.js';
export { type Uplink, type UplinkReport } from './uplink/index.js';
export {
  certify as certifyTls,
  type KeyAndCertificate as TlsKeyAndCertificate,
  makeAuthority as makeTlsAuthority,
} from './tls/x509.js';
export { renewServerCertificate } from './tls/index.js';
export { FaultReporter, Poller, Session, type SyncContext } from './sync/index.js';
export { Assessor, Bands } from './verify/index.js';
export { keepHeapSmall } from './small-heap.js';
