import type { Command } from 'commander';
import { pino } from 'pino';
import { loadConfig, siteFiles } from '../config/index.js';
import { controlRoutes, serveControl, startGateway } from '../ops/index.js';

/** `timeband-gateway run` */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run the gateway until it is told to stop (Ctrl-C)')
    .requiredOption('--config <file>', 'configuration made by init')
    .addHelpText(
      'after',
      `
Prints one line of JSON on standard output when it is ready; its log, a JSON object a line, goes to standard error.

Example:
  timeband-gateway run --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (options: { config: string }) => {
      const config = loadConfig(options.config);
      const log = pino(
        { level: config.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
        pino.destination(2),
      );
      const gateway = await startGateway({ config, log });
      const closeControl = await serveControl(
        siteFiles(config.dataDir).controlSocket,
        controlRoutes(gateway),
      );
      const { mqtt } = gateway.report();
      const readyMs = Math.round(performance.now());
      console.log(JSON.stringify({ ready: true, site: config.site, gateway: config.gateway, mqtt, readyMs }));

      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
      });
      log.info('stopping');
      await closeControl();
      await gateway.close();
      log.info('stopped');
    });
}
