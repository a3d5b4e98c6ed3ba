/** `timeband-gateway record`: the volunteer-service record of an account, as certificate, as table and as JSON. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { sha256, toHex } from '@timeband/protocol';
import { recordCsv, type ServiceRecord } from '../service-record/table.js';
import { askLedger } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';

interface RecordOptions {
  readonly config: string;
  readonly from?: string;
  readonly to?: string;
  readonly pdf?: string;
  readonly csv?: string;
  readonly name?: string;
  readonly organisation?: string;
  readonly officer?: string;
  readonly font?: string;
  readonly json?: true;
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .description('the volunteer-service record of an account: certificate (PDF), table (CSV) or JSON')
    .argument('<account>', 'the account')
    .addOption(configOption())
    .option('--from <when>', 'a date where the site is, or Unix seconds')
    .option('--to <when>', 'the same; not part of it')
    .option('--pdf <file>', 'write the certificate there (志愿服务记录证明)')
    .option('--csv <file>', 'write the table there')
    .option('--name <name>', 'print this name on the certificate; it is kept nowhere')
    .option('--organisation <name>', 'what the community is called on it; the id of the site when left out')
    .option('--officer <name>', 'the person in charge, on it')
    .option('--font <file>', 'print it with this TrueType font, for rare characters')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not, or when there is no such account.
Each line names its event: timeband-gateway receipt --seq N proves it to anybody.

Example:
  timeband-gateway record account-17 --from 2026-01-01 --to 2027-01-01 --pdf record.pdf --csv record.csv --config gateway.yaml`,
    )
    .action(async (account: string, options: RecordOptions) => {
      const { config, from, to, pdf, csv, json, name, organisation, officer, font } = options;
      const record = await askLedger<ServiceRecord>(config, 'record', { account, from, to });
      const table = recordCsv(record);
      if (csv !== undefined) writeFileSync(csv, table);
      if (pdf !== undefined) {
        const { recordPdf } = await import('../service-record/pdf.js'); // takes half a second to load
        const csvHash = toHex(sha256(new TextEncoder().encode(table)));
        const issued = Math.floor(Date.now() / 1_000);
        writeFileSync(pdf, await recordPdf(record, { issued, csvHash, organisation, name, officer, font }));
      }
      if (json === true) console.log(JSON.stringify(record));
      else if (csv === undefined && pdf === undefined) process.stdout.write(table.slice(1));
      else {
        const files = [pdf, csv].filter((file) => file !== undefined).join(' and ');
        console.log(`${record.entries.length} services, ${record.total} minutes, in ${files}`);
      }
    });
}
