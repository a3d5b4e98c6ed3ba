export { checkSite } from './check.js';
export type { CheckLine } from './check-line.js';
export { askControl, ControlError, serveControl, type ControlQuestion } from './control.js';
export { controlRoutes } from './control-routes.js';
export { CounterSet } from './counters.js';
export { startGateway, type GatewayReport, type RunningGateway } from './gateway.js';
export { initSite, type InitOptions } from './init.js';
export { type JobAnswer, type JobProgress, type JobRun, jobRoute } from './jobs.js';
export { startUplink, type StartUplinkOptions } from './uplink.js';
