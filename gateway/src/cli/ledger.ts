/** `timeband-gateway accounts`, `balance`, `statement` and `figures`: what the ledger of the running gateway says. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Answers } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { askLedger } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

interface Common {
  readonly config: string;
  readonly json?: true;
}
type Statement = Answers['statement'];
type Line = Statement['lines'][number];

const WHEN = 'a date, a date and time, or Unix seconds';
const AFTER = `
The gateway has to run. Exit code ${EXIT.notFound} when it does not, or when there is no such account.
Dates are those of the site: 2026-03-01, 2026-03-01T14:30.
`;
const PAGE = 1_000;

export function registerAccounts(program: Command): void {
  program
    .command('accounts')
    .description('list the accounts of the ledger with what is in them')
    .addOption(configOption())
    .option('--search <text>', 'only names with this in them')
    .option('--own', "the ledger's own accounts: services, what is held, corrections")
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `${AFTER}\nExample:\n  timeband-gateway accounts --search wang --config gateway.yaml`,
    )
    .action(async ({ config, search, own, json }: Common & { search?: string; own?: true }) => {
      const accounts: Answers['accounts']['accounts'][number][] = [];
      const kind = own === true ? 'own' : 'people';
      for (let after: string | undefined = ''; after !== undefined;) {
        const page: Answers['accounts'] = await askLedger(config, 'accounts', {
          ...{ search, kind, after, limit: PAGE },
        });
        accounts.push(...page.accounts);
        after = page.next;
      }
      if (json === true) {
        console.log(JSON.stringify({ accounts }));
        return;
      }
      const rows = accounts.map(({ account, minutes, held }) => [account, String(minutes), String(held)]);
      console.log(rows.length === 0 ? 'no account' : table(['account', 'minutes', 'held'], rows, [1, 2]));
    });
}

export function registerBalance(program: Command): void {
  program
    .command('balance')
    .description('what is in an account, now or at some moment')
    .argument('<account>', 'the account')
    .addOption(configOption())
    .option('--at <when>', `how it stood then, by what is known now: ${WHEN}`)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `${AFTER}\nExample:\n  timeband-gateway balance account-17 --at 2026-03-01 --config gateway.yaml`,
    )
    .action(async (account: string, { config, at, json }: Common & { at?: string }) => {
      const found = await askLedger<Answers['balance']>(config, 'balance', { account, at });
      if (json === true) {
        console.log(JSON.stringify(found));
        return;
      }
      const { minutes, held, bands } = found;
      console.log(`${account}: ${hours(minutes)}${held === 0 ? '' : `, and ${held} minutes promised`}`);
      if (bands.length > 0) console.log(`bands: ${bands.map(({ band }) => band).join(', ')}`);
    });
}

export function registerStatement(program: Command): void {
  program
    .command('statement')
    .description('what moved an account, each line with the record that it derives from')
    .argument('<account>', 'the account')
    .addOption(configOption())
    .option('--from <when>', WHEN)
    .option('--to <when>', `${WHEN}; not part of it`)
    .option('--limit <lines>', 'so many of the newest lines', count, 100)
    .option('--json', 'print it as JSON, the newest line first')
    .addHelpText(
      'after',
      `${AFTER}\nExample:\n  timeband-gateway statement account-17 --from 2026-03-01 --config gateway.yaml`,
    )
    .action(
      async (
        account: string,
        { config, from, to, limit, json }: Common & { from?: string; to?: string; limit: number },
      ) => {
        const given = { account, from, to };
        const lines: Line[] = [];
        let after: string | undefined;
        do {
          const page: Statement = await askLedger(config, 'statement', {
            ...given,
            ...{ after, limit: Math.min(PAGE, limit - lines.length) },
          });
          lines.push(...page.lines);
          after = page.next;
        } while (after !== undefined && lines.length < limit);
        const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
        if (json === true)
          console.log(JSON.stringify({ account, timeZone, lines, more: after !== undefined }));
        else {
          console.log(statementTable([...lines].reverse(), timeZone));
          if (after !== undefined) console.log(`There are earlier lines: --limit, or --to.`);
        }
      },
    );
}

export function registerFigures(program: Command): void {
  program
    .command('figures')
    .description('sums over all accounts, and a digest over the whole ledger')
    .addOption(configOption())
    .option('--digest', 'also SHA-256 over all of it, which takes a while with millions of entries')
    .option('--json', 'print them as JSON')
    .addHelpText('after', `${AFTER}\nExample:\n  timeband-gateway figures --digest --config gateway.yaml`)
    .action(async ({ config, digest, json }: Common & { digest?: true }) => {
      const figures = await askLedger<Answers['figures']>(config, 'figures');
      const whole = digest === true ? await askLedger<Answers['digest']>(config, 'digest') : undefined;
      if (json === true) {
        console.log(JSON.stringify({ ...figures, ...(whole && { digest: whole.digest }) }));
        return;
      }
      const { event, accounts, deposited, held, fund, services, balanced } = figures;
      console.log(
        `${accounts} accounts, as of event ${event}: ${hours(deposited)} in them, ${held} minutes promised`,
      );
      console.log(`community fund: ${hours(fund)}`);
      const rows = services.map(({ code, name = '', given }) => [String(code), name, String(given)]);
      if (rows.length > 0) console.log(table(['service', '', 'minutes given, less redeemed'], rows, [2]));
      if (!balanced) console.log('BAD  the accounts do not come to 0 together: run timeband-gateway verify');
      if (whole !== undefined) console.log(`digest ${whole.digest}`);
    });
}

function statementTable(lines: readonly Line[], zone: string): string {
  if (lines.length === 0) return 'nothing';
  const rows = lines.map(({ at, says, change, balance, outcome, review, record }) => [
    shownMoment(at, zone),
    says.kind,
    says.service === undefined
      ? (says.with ?? says.sort ?? says.reason ?? '')
      : `${says.service} ${says.name?.zh ?? ''}`.trim(),
    change === 0 ? '' : change > 0 ? `+${change}` : String(change),
    String(balance),
    outcome === 'posted' || outcome === 'noted' ? '' : `${outcome}${review ? ' (look)' : ''}`,
    `${record.device} ${record.seq}`,
  ]);
  return table(['when', 'what', 'for', 'minutes', 'balance', 'why not', 'record'], rows, [3, 4]);
}

function hours(minutes: number): string {
  const whole = Math.floor(Math.abs(minutes) / 60);
  return `${minutes} minutes${whole === 0 ? '' : ` (${minutes < 0 ? '-' : ''}${whole} h ${Math.abs(minutes) % 60} min)`}`;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}
