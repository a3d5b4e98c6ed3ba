export { GatewayMetrics, type MetricDescription } from './metrics.js';
export { type Monitor, startMonitor } from './monitor.js';
export { describeBehind, describeReadiness, type Readiness, readinessOf } from './readiness.js';
export { startWatchdog } from './watchdog.js';
export { metricsPage } from './page.js';
