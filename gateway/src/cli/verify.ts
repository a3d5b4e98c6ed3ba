import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command } from 'commander';
import type { ProgressOptions, VerifyReport } from '../audit/index.js';
import { checkBackup, DRAFT } from '../backup/index.js';
import { loadConfig, siteFiles } from '../config/index.js';
import { verifySite } from '../ops/site-audit.js';
import { CommandFailure } from './command-failure.js';
import { auditFindings, auditTable } from './audit-table.js';
import { believed, type BelievedOptions, ISSUER_OPTION, ROOT_OPTION } from './believed.js';
import { databaseSource } from './database-source.js';
import { EXIT } from './exit-codes.js';
import { interruptible } from './interruptible.js';
import { progressLine } from './progress.js';

interface VerifyCommand extends BelievedOptions {
  readonly config?: string;
  readonly json?: true;
}

/** `timeband-gateway verify` */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('verify a whole database or backup by certificates alone')
    .argument('[backup]', 'folder of a backup; the database of --config when left out')
    .option('--config <file>', 'configuration made by init')
    .option(...ISSUER_OPTION)
    .option(...ROOT_OPTION)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
All that reconcile looks at, and besides: each seal of each device, each approval, each policy document, the signature of
each event, and whether the file itself is sound. Nobody's word is taken but that of the issuer. The gateway goes on
meanwhile: what is verified is a copy.

Exit code 0 when all holds, ${EXIT.failed} when something does not, ${EXIT.refused} for a backup that is none, or was changed.

Examples:
  timeband-gateway verify /mnt/stick/2026-11-24 --issuer issuer.cwt
  timeband-gateway verify --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (backup: string | undefined, options: VerifyCommand) => {
      const { show, clear } = progressLine('verifying');
      const report = await interruptible((goOn) => {
        const run = { progress: show, goOn };
        if (backup !== undefined) return verifyBackup(backup, options, run);
        if (options.config !== undefined) return verifyOwn(options.config, options, run);
        throw new CommandFailure(EXIT.usage, 'Name a backup, or a gateway with --config.');
      });
      clear();
      console.log(options.json === true ? JSON.stringify(report) : describe(report));
      if (report.verdict === 'bad') process.exitCode = EXIT.failed;
    });
}

async function verifyBackup(
  dir: string,
  options: VerifyCommand,
  run: ProgressOptions,
): Promise<VerifyReport> {
  if (!existsSync(dir)) throw new CommandFailure(EXIT.notFound, `${dir} is not there`);
  if (!statSync(dir).isDirectory()) {
    throw new CommandFailure(
      EXIT.usage,
      `${dir} is no folder of a backup; a database is verified by --config`,
    );
  }
  const { report } = await checkBackup(dir, { trust: believed(options), integrity: true }, run);
  return report;
}

async function verifyOwn(
  configFile: string,
  options: VerifyCommand,
  run: ProgressOptions,
): Promise<VerifyReport> {
  const config = loadConfig(configFile);
  const { database } = siteFiles(config.dataDir);
  if (!existsSync(database)) {
    throw new CommandFailure(EXIT.notFound, `${database} is not there: no gateway has run here yet`);
  }
  const dir = mkdtempSync(join(config.dataDir, DRAFT));
  try {
    const copy = join(dir, 'gateway.db');
    await databaseSource(config.dataDir).backup(copy, { goOn: run.goOn });
    return await verifySite(config, copy, believed(options), run);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function describe(report: VerifyReport): string {
  const { verdict, totals, events, unverified } = report;
  const { vouchedSeals, approvals } = unverified;
  const notes = [
    ...(vouchedSeals > 0
      ? [
          `note ${vouchedSeals} seals are of devices too small to sign: only who has their keys can verify them`,
        ]
      : []),
    ...(approvals > 0
      ? [`note ${approvals} approvals are by operators whose certificates are not at hand`]
      : []),
  ];
  const says =
    verdict === 'good'
      ? `good: ${totals.records} records, ${events} events, and everything that was signed holds`
      : 'BAD: keep it as it is, and see docs/recovery.md';
  return [auditTable(report), auditFindings(report), ...notes, says].filter((part) => part !== '').join('\n');
}
