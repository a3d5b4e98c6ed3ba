import type { Command } from 'commander';
import { prepareSettings, startService } from '../service/index.js';
import { type SettingsOptions, withSettings } from './config-option.js';

/** `timeband-gateway run` */
export function registerRun(program: Command): void {
  withSettings(program.command('run').description('run the gateway until it is told to stop (Ctrl-C)'))
    .addHelpText(
      'after',
      `
Prints one line of JSON on standard output when it is ready; its log, a JSON object a line, goes to standard error or
to the files of log.file. Under systemd it says when it is ready and that it is alive.
SIGHUP has it read its settings again; the log says which of those that changed need a restart.

Example:
  timeband-gateway run --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async ({ config: file, set }: SettingsOptions) => {
      const service = await startService({ configFile: file, ...prepareSettings(file, { set }) });
      const { mqtt, api, monitorPort, reload, close } = service;
      const readyMs = Math.round(performance.now());
      const { site, gateway } = service.config;
      console.log(JSON.stringify({ ready: true, site, gateway, mqtt, api, monitorPort, readyMs }));

      process.on('SIGHUP', () => void reload());
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
      });
      await close();
    });
}
