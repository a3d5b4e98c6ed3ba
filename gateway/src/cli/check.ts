import type { Command } from 'commander';
import { checkSite } from '../ops/check.js';
import { type SettingsOptions, withSettings } from './config-option.js';
import { EXIT } from './exit-codes.js';

const SIGN = { good: 'ok  ', warning: 'note', bad: 'BAD ' } as const;

/** `timeband-gateway check` */
export function registerCheck(program: Command): void {
  withSettings(
    program
      .command('check')
      .description('look at configuration, keys, accounts, database, readers, radio and the way to the city'),
  )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Exit code 0 when the gateway can start, ${EXIT.failed} when something is bad.
\`timeband-gateway settings\` shows what the configuration comes to.

Example:
  timeband-gateway check --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (options: SettingsOptions & { json?: boolean }) => {
      const lines = await checkSite(options.config, Math.floor(Date.now() / 1_000), { set: options.set });
      if (options.json === true) console.log(JSON.stringify(lines));
      else for (const { what, verdict, says } of lines) console.log(`${SIGN[verdict]}  ${what}: ${says}`);
      if (lines.some(({ verdict }) => verdict === 'bad')) process.exitCode = EXIT.failed;
    });
}
