/** `timeband-gateway submit`: what operators have decided and approved, brought to the running gateway. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Submitted } from '../api/index.js';
import { bringRecord } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';

export function registerSubmit(program: Command): void {
  program
    .command('submit')
    .description('bring a correction, a transfer or an enrolment that operators have approved')
    .argument('<file...>', 'what bandctl draft wrote and bandctl approve has signed')
    .addOption(configOption())
    .option('--json', 'print what it came to as JSON, a line a file')
    .addHelpText(
      'after',
      `
Corrections and transfers need two different operators, enrolments one. The gateway has to run and to know their certificates
(certificates in the settings, or register import). Exit code ${EXIT.refused} when a record does not count; nothing is stored then.
Bringing the same again changes nothing.

Examples:
  bandctl draft correction --account account-17 --minutes 60 --sort lateEntry --reason noDevice --service 601 \\
    --started 2026-03-01T09:00 --ended 2026-03-01T10:00 --out late.json
  bandctl approve late.json --site dahaiyang --key operator-1.key
  bandctl approve late.json --site dahaiyang --key operator-2.key
  timeband-gateway submit late.json --config gateway.yaml`,
    )
    .action(async (files: string[], { config, json }: { config: string; json?: true }) => {
      for (const file of files) {
        const answer = await bringRecord(config, readFileSync(file, 'utf8'));
        console.log(json === true ? JSON.stringify({ file, ...answer }) : describe(file, answer));
      }
    });
}

function describe(file: string, { event, record, repeated, approvedBy, accounts }: Submitted): string {
  const came = accounts.map(
    ({ account, outcome, change, balance }) =>
      `${account}: ${outcome}, ${change >= 0 ? '+' : ''}${change} minutes, ${balance} now`,
  );
  const head = `${file}: event ${event}, record ${record.seq} of ${record.device}, approved by ${approvedBy.join(' and ')}`;
  return [repeated ? `${head}; it was there before` : head, ...came.map((line) => `  ${line}`)].join('\n');
}
