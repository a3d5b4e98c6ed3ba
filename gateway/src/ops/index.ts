export { checkSite, type CheckLine } from './check.js';
export { askControl, serveControl } from './control.js';
export { CounterSet } from './counters.js';
export { startGateway, type GatewayReport, type RunningGateway } from './gateway.js';
export { initSite, type InitOptions } from './init.js';
