/** `timeband-gateway organisation`: the month of an organisation. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  REPORT_COLUMNS,
  reportCsv,
  reportRows,
  type OrganisationReport,
} from '../organisation-report/table.js';
import { askLedger } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

interface ReportOptions {
  readonly config: string;
  readonly month?: string;
  readonly csv?: string;
  readonly json?: true;
}

export function registerOrganisation(program: Command): void {
  program
    .command('organisation')
    .description('the month of an organisation: activities held, services supplied, what is in its account')
    .argument('<account>', 'account of the organisation')
    .addOption(configOption())
    .option('--month <month>', 'where the site is: 2026-03; this month when left out')
    .option('--csv <file>', 'write the table there')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not.

Example:
  timeband-gateway organisation branch-3 --month 2026-03 --csv branch-3.csv --config gateway.yaml`,
    )
    .action(async (account: string, { config, month, csv, json }: ReportOptions) => {
      const report = await askLedger<OrganisationReport>(config, 'organisation', { account, month });
      if (csv !== undefined) writeFileSync(csv, reportCsv(report));
      if (json === true) console.log(JSON.stringify(report));
      else console.log(describe(report));
    });
}

function describe(report: OrganisationReport): string {
  const { account, month, totals, balance } = report;
  const rows = reportRows(report).map((row) => row.slice(2));
  const says = [
    `${account} in ${month}: ${totals.held} activities with ${totals.attended} people, ${totals.given} minutes given under them;`,
    `${totals.supplied} services supplied, ${totals.redeemed} minutes redeemed with it; ${balance} minutes in its account now`,
  ].join('\n');
  return rows.length === 0 ? says : `${says}\n${table(REPORT_COLUMNS.slice(2), rows, [5, 6])}`;
}
