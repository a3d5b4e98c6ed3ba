export { approversOf } from './assessor.js';
export type { BooksReport } from './catch-up.js';
export { checkUplink } from './check-uplink.js';
export { checkSite } from './check.js';
export type { CheckLine } from './check-line.js';
export { askControl, ControlError, serveControl, type ControlQuestion } from './control.js';
export { controlRoutes } from './control-routes.js';
export { CounterSet } from './counters.js';
export { startGateway } from './gateway.js';
export type { GatewayReport } from './report.js';
export type { RunningGateway } from './running-gateway.js';
export type { Stopwatch } from './foundation.js';
export {
  dateOf,
  installRenewal,
  issueRenewal,
  MAX_DAYS,
  RENEW_DAYS,
  type Renewal,
  requestRenewal,
} from './renewal.js';
export type { OwnCertificateAnswer } from './own-certificate.js';
export { initSite, type InitOptions } from './init.js';
export { logFile, openLogger, type OwnLogger } from './logger.js';
export { type NotifierOptions, type ServiceNotifier, serviceNotifier } from './notify.js';
export { type JobAnswer, type JobProgress, type JobRun, jobRoute } from './jobs.js';
export { tryOut } from './try-out.js';
export { startUplink, type StartUplinkOptions } from './uplink.js';
export { readPassphrase } from './maintenance.js';
export { ownCertificates, reconcileSite, siteTrust, verifySite } from './site-audit.js';
