/** `timeband-gateway audit-trail`: what operators did and read. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Answers } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { askLedger } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

type Trail = Answers['trail'];

interface TrailOptions {
  readonly config: string;
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly json?: true;
}

const PAGE = 1_000;

export function registerAuditTrail(program: Command): void {
  program
    .command('audit-trail')
    .description('what operators did and what they read, by which way, and what came of it')
    .addOption(configOption())
    .option('--account <name>', 'only what this account did')
    .option('--from <when>', 'a date where the site is, a date and time, or Unix seconds')
    .option('--to <when>', 'the same; not part of it')
    .option('--limit <entries>', 'so many of the newest', count, 100)
    .option('--json', 'print it as JSON, the newest first')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not. Every entry is chained to the one before, and the gateway
signs the chain: timeband-gateway verify finds whatever was changed, taken out or put in.

Example:
  timeband-gateway audit-trail --account office --from 2026-03-01 --config gateway.yaml`,
    )
    .action(async ({ config, account, from, to, limit, json }: TrailOptions) => {
      const entries: Trail['entries'][number][] = [];
      let after: number | undefined;
      do {
        const page: Trail = await askLedger(config, 'trail', {
          ...{ account, from, to, after, limit: Math.min(PAGE, limit - entries.length) },
        });
        entries.push(...page.entries);
        after = page.next;
      } while (after !== undefined && entries.length < limit);
      if (json === true) {
        console.log(JSON.stringify({ entries, more: after !== undefined }));
        return;
      }
      const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
      const rows = entries
        .reverse()
        .map(({ seq, at, account: who, role, organisation, way, action, given, outcome }) => [
          ...[String(seq), shownMoment(at, timeZone), who],
          organisation === undefined ? role : `${role} of ${organisation}`,
          ...[way, action, outcome, given],
        ]);
      const head = ['entry', 'when', 'who', 'role', 'way', 'what', 'outcome', 'with'];
      console.log(rows.length === 0 ? 'nothing' : table(head, rows, [0]));
      if (after !== undefined) console.log('There are earlier entries: --limit, or --to.');
    });
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}
