/** `timeband-gateway lunch`: the kitchen's list of a day, what staff do about it, and what a month comes to. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Answers, SteppedMeals } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { askLedger, takeMealStep } from './ask-ledger.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

interface Options {
  readonly config: string;
  readonly date?: string;
  readonly slot: string;
  readonly month?: string | true;
  readonly file?: string;
  readonly cost?: string;
  readonly courier?: string;
  readonly by?: string;
  readonly csv?: true;
  readonly json?: true;
}
type Lunch = Answers['lunch'];
type Month = Answers['lunchMonth'];

/** What a cook says, and the phase that it is. */
const STEPS = { order: 'ordered', pack: 'packed', deliver: 'delivered', cancel: 'cancelled' } as const;
/** Accounts of one question: it has to fit a line of the control socket. */
const AT_ONCE = 100;

export function registerLunch(program: Command): void {
  program
    .command('lunch')
    .description('the lunch list of a day; or order, pack, deliver and cancel lunches')
    .argument('[step]', `${Object.keys(STEPS).join(', ')}; left out to show the list`)
    .argument('[accounts...]', 'whose lunches')
    .addOption(configOption())
    .option('--date <date>', 'of which day, such as 2026-03-01; today when left out')
    .option('--slot <slot>', 'breakfast, lunch or dinner', 'lunch')
    .option('--file <csv>', 'a table with a column "account": whose lunches')
    .option('--cost <fen>', 'of one meal, to order; what the rules of the site say when left out')
    .option('--courier <account>', 'who carries them, to deliver')
    .option('--by <operator>', 'who does it; needed to do anything')
    .option('--month [month]', 'instead: what a month comes to, by account and by day')
    .option('--csv', 'print it as a table of comma-separated values')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
To pack without naming accounts packs all that is ordered. Who fetches a lunch holds a band to a reader: nobody types that.
The gateway has to run. Exit code ${EXIT.notFound} when it does not, ${EXIT.refused} when no lunch could be changed, ${EXIT.failed} when some could not; what could is done.

Examples:
  timeband-gateway lunch --config gateway.yaml
  timeband-gateway lunch order --file elders.csv --date 2026-03-01 --cost 800 --by office --config gateway.yaml
  timeband-gateway lunch pack --by office --config gateway.yaml
  timeband-gateway lunch deliver account-17 account-18 --courier account-4 --by office --config gateway.yaml
  timeband-gateway lunch --month 2026-03 --csv --config gateway.yaml`,
    )
    .action(async (step: string | undefined, accounts: readonly string[], options: Options) => {
      if (step !== undefined) await take(step, accounts, options);
      else if (options.month !== undefined) await showMonth(options);
      else await showDay(options);
    });
}

async function showDay({ config, date, slot, csv, json }: Options): Promise<void> {
  const list = await askLedger<Lunch>(config, 'lunch', { date, slot });
  if (json === true) console.log(JSON.stringify(list));
  else if (csv === true) process.stdout.write(dayCsv(list));
  else {
    const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
    console.log(dayTable(list, timeZone));
  }
}

async function showMonth({ config, month, slot, csv, json }: Options): Promise<void> {
  const found = await askLedger<Month>(config, 'lunchMonth', {
    month: month === true ? undefined : month,
    slot,
  });
  if (json === true) console.log(JSON.stringify(found));
  else if (csv === true) process.stdout.write(stringify([...found.accounts], { header: true }));
  else console.log(monthTable(found));
}

async function take(step: string, named: readonly string[], options: Options): Promise<void> {
  const { config, date, slot, file, cost, courier, by, json } = options;
  const phase = Object.hasOwn(STEPS, step) ? STEPS[step as keyof typeof STEPS] : undefined;
  if (phase === undefined)
    throw new CommandFailure(EXIT.usage, `"${step}" is none of ${Object.keys(STEPS).join(', ')}`);
  if (by === undefined) throw new CommandFailure(EXIT.usage, 'Say who does it: --by office');
  if (cost !== undefined && !/^\d{1,7}$/.test(cost))
    throw new CommandFailure(EXIT.usage, `"${cost}" is no whole number of fen: --cost 800 is 8 yuan`);
  const accounts = [...named, ...(file === undefined ? [] : readAccounts(file))];
  const fen = cost === undefined ? undefined : Number(cost);
  const parts: SteppedMeals[] = [];
  for (let first = 0; first === 0 || first < accounts.length; first += AT_ONCE) {
    const some = accounts.length === 0 ? undefined : accounts.slice(first, first + AT_ONCE);
    const says = { phase, date, slot, accounts: some, cost: fen, courier };
    parts.push(await takeMealStep(config, says, by));
  }
  const [{ date: day } = { date: '' }] = parts;
  const all = {
    ...{ date: day, slot, phase },
    done: parts.flatMap(({ done }) => done),
    repeated: parts.flatMap(({ repeated }) => repeated),
    refused: parts.flatMap(({ refused }) => refused),
  };
  const { done, repeated, refused } = all;
  if (json === true) console.log(JSON.stringify(all));
  else {
    const before = repeated.length === 0 ? '' : `; ${repeated.length} were so before`;
    console.log(`${day}, ${slot}: ${done.length} ${phase}${before}`);
    if (refused.length > 0)
      console.error(
        table(
          ['not done', 'why'],
          refused.map(({ account, why }) => [account, why]),
        ),
      );
  }
  if (refused.length > 0) process.exitCode = done.length + repeated.length > 0 ? EXIT.failed : EXIT.refused;
}

/** @throws CommandFailure */
function readAccounts(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  let rows: Readonly<Record<string, string>>[];
  try {
    rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandFailure(EXIT.usage, `${file} is no table of comma-separated values: ${error.message}`);
  }
  const accounts = rows.flatMap(({ account }) => (account === undefined || account === '' ? [] : [account]));
  if (accounts.length > 0) return accounts;
  throw new CommandFailure(EXIT.usage, `${file} has no accounts: its first line names the column "account"`);
}

function dayTable({ date, slot, sums, meals, refused, onShift }: Lunch, zone: string): string {
  const time = (at: number): string => shownMoment(at, zone).slice(11);
  const { meals: all, collected, delivered, waiting, cancelled, fen } = sums;
  const rows = meals.map(({ account, phase, since, courier, by, cost, seen, lookIn }) => [
    ...[account, phase, time(since), phase === 'collected' ? by : (courier ?? ''), yuan(cost)],
    seen === null ? '' : time(seen),
    lookIn === null ? '' : `${time(lookIn.raised)} ${lookIn.phase} ${lookIn.matter}`,
  ]);
  const not = refused.map(({ at, phase, account, by, why, event }) => [
    ...[time(at), phase, account ?? '', by, why, String(event)],
  ]);
  const shift = onShift.map(({ account, band, name, since }) => [account ?? band, name.en, time(since)]);
  return [
    `${date}, ${slot}: ${all} meals, ${collected} collected, ${delivered} delivered, ${waiting} waiting; ${cancelled} cancelled; ${yuan(fen)} yuan`,
    ...(meals.length === 0
      ? []
      : ['', table(['account', 'state', 'since', 'by', 'yuan', 'seen', 'look in'], rows, [4])]),
    ...(not.length === 0 ? [] : ['', table(['when', 'said', 'account', 'by', 'why not', 'event'], not, [5])]),
    ...(shift.length === 0 ? [] : ['', table(['on shift', 'at', 'since'], shift)]),
  ].join('\n');
}

function dayCsv({ date, slot, meals }: Lunch): string {
  const columns = [
    'date',
    'slot',
    'account',
    'state',
    'since',
    'by',
    'courier',
    'evidence',
    'fen',
    'seen',
    'look_in',
  ];
  const rows = meals.map(
    ({ account, phase: state, since, by, courier, evidence, cost: fen, seen, lookIn }) => ({
      ...{ date, slot, account, state, since, by, courier, evidence, fen, seen },
      look_in: lookIn?.matter,
    }),
  );
  return stringify(rows, { header: true, columns });
}

function monthTable({ month, slot, accounts, days }: Month): string {
  const sums = ({
    meals,
    collected,
    delivered,
    waiting,
    cancelled,
    fen,
  }: Omit<Month['days'][number], 'date'>) => [
    ...[meals, collected, delivered, waiting, cancelled].map(String),
    yuan(fen),
  ];
  const head = ['meals', 'collected', 'delivered', 'not fetched', 'cancelled', 'yuan'];
  const right = [1, 2, 3, 4, 5, 6];
  const total = days.reduce((sum, { fen }) => sum + fen, 0);
  return [
    `${month}, ${slot}: ${yuan(total)} yuan`,
    table(
      ['account', ...head],
      accounts.map((one) => [one.account, ...sums(one)]),
      right,
    ),
    '',
    table(
      ['day', ...head],
      days.map((one) => [one.date, ...sums(one)]),
      right,
    ),
  ].join('\n');
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
