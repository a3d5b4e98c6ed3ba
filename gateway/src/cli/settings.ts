import type { Command } from 'commander';
import { describeOrigin, effectiveSettings, readSettings } from '../config/index.js';
import { type SettingsOptions, withSettings } from './config-option.js';

interface Options extends SettingsOptions {
  readonly given?: boolean;
  readonly json?: boolean;
}

/** `timeband-gateway settings` */
export function registerSettings(program: Command): void {
  const command = program
    .command('settings')
    .description('show every setting as it counts, and where it came from');
  withSettings(command)
    .option('--given', 'only those that somebody has given')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `
--set counts before the environment (TIMEBAND_BROKER__PORT for broker.port), that before the file, that before the
default. Secrets stand in files of their own, and only the names of those are shown. docs/settings.md explains each.

Example:
  timeband-gateway settings --given --config /var/lib/timeband/gateway.yaml`,
    )
    .action(({ config, set, given, json }: Options) => {
      const shown = effectiveSettings(readSettings(config, { set })).filter(
        ({ origin }) => given !== true || origin.kind !== 'default',
      );
      if (json === true) {
        console.log(JSON.stringify(shown.map(({ value, ...rest }) => ({ ...rest, value: value ?? null }))));
        return;
      }
      const lines = shown.map(({ path, value, origin }) => [
        ...(value === undefined
          ? [path, '-', 'not set']
          : [path, JSON.stringify(value), describeOrigin(origin)]),
      ]);
      const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0));
      const [first, second] = [width(0), Math.min(width(1), 40)];
      for (const [path = '', value = '', origin = ''] of lines)
        console.log(`${path.padEnd(first)}  ${value.padEnd(second)}  ${origin}`);
    });
}
