/** The gateway as a program that runs for years: its log, what it tells systemd and a monitoring system, and its own commands. */
import { type Api, startApi } from '../api/index.js';
import { type Config, siteFiles } from '../config/index.js';
import {
  describeReadiness,
  GatewayMetrics,
  readinessOf,
  startMonitor,
  startWatchdog,
} from '../monitor/index.js';
import {
  controlRoutes,
  type GatewayReport,
  openLogger,
  serveControl,
  serviceNotifier,
  startGateway,
  tryOut,
} from '../ops/index.js';
import { Reload } from './reload.js';

export interface ServiceOptions {
  /** Goes into the backups. */
  readonly configFile: string;
  /** Reads the settings. @throws ConfigError */
  readonly read: () => Config;
  /** What is worth a line of the log before all else. */
  readonly remarks?: readonly string[];
}

export interface Service {
  readonly config: Config;
  readonly mqtt: GatewayReport['mqtt'];
  /** Where the HTTP API is served; absent where the settings have none. */
  readonly api: Api['http'];
  /** Port of health and metrics; absent while they are not served. */
  readonly monitorPort: number | undefined;
  /** Reads the settings again. Never rejects. */
  readonly reload: () => Promise<void>;
  /** Ends everything in reverse, the gateway's own log last. */
  readonly close: () => Promise<void>;
}

/** @throws ConfigError, StoreError, BrokerError, or the error of a socket */
export async function startService({ configFile, read, remarks = [] }: ServiceOptions): Promise<Service> {
  const config = read();
  const logger = await openLogger(config);
  const closers: (() => Promise<void> | void)[] = [logger.close];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const { log } = logger;
    for (const remark of remarks) log.warn(remark);
    closers.push(() => {
      log.info('stopped');
    });
    const notifier = serviceNotifier({ log: log.child({ name: 'systemd' }) });
    await notifier.starting('opening the database');
    const metrics = new GatewayMetrics();
    const gateway = await startGateway({ config, configFile, log, stopwatch: metrics });
    closers.push(gateway.close);
    const api = await startApi({
      gateway,
      config,
      log: log.child({ name: 'api' }),
      answered: metrics.answered,
    });
    closers.push(api.close);
    const routes = { ...controlRoutes(gateway), ...api.routes };
    closers.push(await serveControl(siteFiles(config.dataDir).controlSocket, routes));
    const watch = { gateway, metrics, log: log.child({ name: 'monitor' }) };
    let monitor = await startMonitor({ ...watch, config });
    closers.push(() => monitor.close());
    closers.push(startWatchdog({ gateway, notifier, log: log.child({ name: 'watchdog' }) }));
    const settings = new Reload({
      ...{ config, read, tryOut, log: log.child({ name: 'settings' }) },
      adopt: async (next, before) => {
        logger.setLevel(next.log.level);
        await gateway.adopt(next);
        if (JSON.stringify(next.monitoring) === JSON.stringify(before.monitoring)) return;
        await monitor.close();
        monitor = await startMonitor({ ...watch, config: next });
      },
    });
    closers.push(async () => {
      log.info('stopping');
      await notifier.stopping();
    });
    return {
      ...{ config, close, mqtt: gateway.report().mqtt, monitorPort: monitor.port(), api: api.http },
      reload: async () => {
        notifier.reloading();
        await settings.again();
        notifier.ready(describeReadiness(readinessOf(gateway, Date.now() / 1_000)));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
