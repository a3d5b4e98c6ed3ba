import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { AuditReport } from '../audit/index.js';
import { type Config, loadConfig, siteFiles } from '../config/index.js';
import { reconcileSite } from '../ops/site-audit.js';
import { configOption } from './config-option.js';
import { CommandFailure } from './command-failure.js';
import { askJob } from './ask-job.js';
import { auditFindings, auditTable } from './audit-table.js';
import { EXIT } from './exit-codes.js';
import { type ProgressLine, progressLine } from './progress.js';

/** `timeband-gateway reconcile` */
export function registerReconcile(program: Command): void {
  program
    .command('reconcile')
    .description('account for every record: each is in exactly one state, and everything agrees')
    .addOption(configOption())
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Works on a gateway that runs, which goes on meanwhile, and on one that is stopped. Nothing is changed.
Each record of each device is one of
  published    it has its event, and the city has that too where there is an uplink
  waiting      it has its event, which the city has not confirmed yet; at a gateway that is not
               the primary: it is kept here for the primary, which has not confirmed it yet
  quarantined  stored and not published, for a reason that is stored too
  duplicate    the second copy of an act that another log's record counted for
  lost         its device no longer had it
and the event log's chain, its signatures, the ledger, the uplink and subscribers agree with that.

Exit code 0 when all is good, ${EXIT.failed} when something does not agree, ${EXIT.notFound} when there is no database yet.

Example:
  timeband-gateway reconcile --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (options: { config: string; json?: boolean }) => {
      const config = loadConfig(options.config);
      const { show, clear } = progressLine('accounting');
      const job = { path: '/reconcile', progress: show };
      const answer = await askJob(siteFiles(config.dataDir).controlSocket, job);
      const report =
        answer === undefined ? await reconcileStopped(config, show) : (answer.result as AuditReport);
      clear();
      if (options.json === true) console.log(JSON.stringify(report));
      else console.log(describe(report));
      if (report.verdict === 'bad') process.exitCode = EXIT.failed;
    });
}

function reconcileStopped(config: Config, progress: ProgressLine['show']): Promise<AuditReport> {
  const { database } = siteFiles(config.dataDir);
  if (!existsSync(database)) {
    const message = `${database} is not there: no gateway has run here yet`;
    return Promise.reject(new CommandFailure(EXIT.notFound, message));
  }
  return reconcileSite(config, { progress });
}

function describe(report: AuditReport): string {
  const { verdict, totals } = report;
  if (totals.logs === 0 && verdict === 'good') return 'good: nothing has been recorded yet';
  const says =
    verdict === 'good'
      ? `good: ${totals.records} records of ${totals.logs} logs, each in exactly one state`
      : 'BAD: keep the database as it is, and see docs/recovery.md';
  return [auditTable(report), auditFindings(report), says].filter((part) => part !== '').join('\n');
}
