import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Config, siteFiles } from '../config/index.js';
import { type Bundle, writeBundle } from '../diagnose/index.js';
import { reconcileSite } from '../ops/site-audit.js';
import { askJob } from './ask-job.js';
import { EXIT } from './exit-codes.js';

interface Options {
  readonly config: string;
  readonly out?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** `timeband-gateway diagnose` */
export function registerDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description('write a file for support: how the box is, without keys, passwords and names')
    .requiredOption('--config <file>', 'configuration made by init')
    .option('--out <file>', 'file to write (default: timeband-diagnose-TIME.tar.gz here)')
    .option('--quick', 'do not account for every record, which takes minutes on a large database')
    .option('--json', 'print what is inside as JSON')
    .addHelpText(
      'after',
      `
Works whether the gateway runs or not. Keys, passwords and hashes are not in it. Bands, tags, accounts and addresses have
names that hold within this file only. Look into it before you send it: tar xzf FILE

Exit code 0 when it was written, also when a part of it could not be had, ${EXIT.refused} when it cannot be written.

Example:
  sudo -u timeband timeband-gateway diagnose --config /var/lib/timeband/gateway.yaml --out /tmp/diagnose.tar.gz`,
    )
    .action(async (options: Options) => {
      const now = Date.now() / 1_000;
      const stamp = new Date(now * 1_000).toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
      const bundle = await writeBundle({
        ...{ config: options.config, now, out: resolve(options.out ?? `timeband-diagnose-${stamp}.tar.gz`) },
        reconcile: options.quick === true ? undefined : reconcile,
      });
      console.log(options.json === true ? JSON.stringify(bundle) : describe(bundle));
    });
}

async function reconcile(config: Config): Promise<unknown> {
  const { controlSocket, database } = siteFiles(config.dataDir);
  const answer = await askJob(controlSocket, { path: '/reconcile' });
  if (answer !== undefined) return answer.result;
  if (!existsSync(database)) throw new Error('there is no database yet');
  return reconcileSite(config, {});
}

function describe({ file, bytes, parts }: Bundle): string {
  const lines = parts.map(({ name, what, missing }) =>
    missing === undefined ? `  ${name.padEnd(18)} ${what}` : `  ${name.padEnd(18)} not there: ${missing}`,
  );
  return [
    `${file} (${Math.ceil(bytes / 1_000)} kB), with`,
    ...lines,
    'Look into it before you send it.',
  ].join('\n');
}
