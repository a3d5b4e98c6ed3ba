/** The gateway as a program that runs for years: its log, what it tells systemd and a monitoring system, and its own commands. */
import { type Config, siteFiles } from '../config/index.js';
import { GatewayMetrics, startMonitor, startWatchdog } from '../monitor/index.js';
import { controlRoutes, openLogger, serveControl, serviceNotifier, startGateway } from '../ops/index.js';
import type { GatewayReport } from '../ops/index.js';

export interface Service {
  readonly mqtt: GatewayReport['mqtt'];
  /** Port of health and metrics; absent while they are not served. */
  readonly monitorPort: number | undefined;
  /** Ends everything in reverse, the gateway's own log last. */
  readonly close: () => Promise<void>;
}

/** @throws ConfigError, StoreError, BrokerError, or the error of a socket */
export async function startService(config: Config): Promise<Service> {
  const logger = await openLogger(config);
  const closers: (() => Promise<void> | void)[] = [logger.close];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const { log } = logger;
    closers.push(() => {
      log.info('stopped');
    });
    const notifier = serviceNotifier({ log: log.child({ name: 'systemd' }) });
    const metrics = new GatewayMetrics();
    const gateway = await startGateway({ config, log, stopwatch: metrics });
    closers.push(gateway.close);
    closers.push(await serveControl(siteFiles(config.dataDir).controlSocket, controlRoutes(gateway)));
    const monitor = await startMonitor({ gateway, metrics, config, log: log.child({ name: 'monitor' }) });
    closers.push(monitor.close);
    closers.push(startWatchdog({ gateway, notifier, log: log.child({ name: 'watchdog' }) }));
    closers.push(async () => {
      log.info('stopping');
      await notifier.stopping();
    });
    return { mqtt: gateway.report().mqtt, monitorPort: monitor.port(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
