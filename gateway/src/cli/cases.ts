/** `timeband-gateway cases`: which cases of mediation are to be looked at again, and what a month came to. */
import type { Command } from 'commander';
import type { Answers } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { askLedger } from './ask-ledger.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

interface Options {
  readonly config: string;
  readonly due?: true;
  readonly figures?: string | true;
  readonly json?: true;
}
type Cases = Answers['cases']['cases'];

export function registerCases(program: Command): void {
  program
    .command('cases')
    .description('list cases of mediation to be looked at again, or the figures of a month')
    .addOption(configOption())
    .option('--due', 'only those that are due')
    .option('--figures [month]', 'instead: how many sessions there were, how they ended, hours of mediators')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not. Parties are counted, and named nowhere.

Examples:
  timeband-gateway cases --due --config gateway.yaml
  timeband-gateway cases --figures 2026-03 --config gateway.yaml`,
    )
    .action(async ({ config, due, figures, json }: Options) => {
      if (figures !== undefined) {
        const month = figures === true ? undefined : figures;
        const found = await askLedger<Answers['caseFigures']>(config, 'caseFigures', { month });
        console.log(json === true ? JSON.stringify(found) : figuresText(found));
        return;
      }
      const cases: Cases[number][] = [];
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const asked = { due: due === true ? 'true' : undefined, after, limit: 500 };
        const page: Answers['cases'] = await askLedger(config, 'cases', asked);
        cases.push(...page.cases);
        after = page.next;
      }
      if (json === true) {
        console.log(JSON.stringify({ cases }));
        return;
      }
      const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
      console.log(casesTable(cases, timeZone));
    });
}

function casesTable(cases: Cases, zone: string): string {
  if (cases.length === 0) return 'no case is to be looked at again';
  const rows = cases.map((one) => [
    one.case,
    shownMoment(one.followUp, zone),
    one.isDue ? 'due' : '',
    one.outcome,
    String(one.sessions),
    String(one.parties),
    one.mediators.join(', '),
    one.raised?.matter ?? '',
  ]);
  return table(
    ['case', 'look again', '', 'last session', 'sessions', 'parties', 'mediators', 'matter'],
    rows,
    [4, 5],
  );
}

function figuresText({
  month,
  sessions,
  began,
  outcomes,
  parties,
  minutes,
  open,
  due,
}: Answers['caseFigures']) {
  const hours = `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return [
    `${month}: ${sessions} sessions, ${began} new cases, ${parties} parties, ${hours} of mediators`,
    table(
      ['session ended', 'sessions'],
      Object.entries(outcomes).map(([name, n]) => [name, String(n)]),
      [1],
    ),
    `now: ${open} to be looked at again, ${due} of them due`,
  ].join('\n');
}
