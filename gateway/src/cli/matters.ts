/** `timeband-gateway matters` and `matter`: who needs what, who has it, and what staff do about it. */
import type { Command } from 'commander';
import type { Answers } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { askLedger, takeStep } from './ask-ledger.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { table } from './table.js';

interface Common {
  readonly config: string;
  readonly json?: true;
}
interface Listing extends Common {
  readonly level?: string;
  readonly handler?: string;
  readonly overdue?: true;
  readonly figures?: string | true;
}
interface Step extends Common {
  readonly by?: string;
  readonly category?: string;
  readonly urgency?: string;
  readonly level?: string;
  readonly handler?: string;
  readonly due?: string;
  readonly about?: string;
}
type Matters = Answers['matters']['matters'];

const PHASES = ['open', 'ack', 'assign', 'escalate', 'resolve', 'confirm'];

export function registerMatters(program: Command): void {
  program
    .command('matters')
    .description('list the matters that are not settled, or the figures of a month')
    .addOption(configOption())
    .option('--level <level>', 'only those at grid, community, street or city now')
    .option('--handler <account>', 'only what this account has')
    .option('--overdue', 'only what waits too long')
    .option('--figures [month]', 'instead: how many were settled at which level, and how long it took')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not.

Examples:
  timeband-gateway matters --level community --config gateway.yaml
  timeband-gateway matters --figures 2026-03 --config gateway.yaml`,
    )
    .action(async ({ config, json, figures, level, handler, overdue }: Listing) => {
      if (figures !== undefined) {
        const month = figures === true ? undefined : figures;
        const found = await askLedger<Answers['matterFigures']>(config, 'matterFigures', { month });
        console.log(json === true ? JSON.stringify(found) : figuresTable(found));
        return;
      }
      const matters: Matters[number][] = [];
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const page: Answers['matters'] = await askLedger(config, 'matters', {
          ...{ level, handler, overdue: overdue === true ? 'true' : undefined, after, limit: 500 },
        });
        matters.push(...page.matters);
        after = page.next;
      }
      if (json === true) {
        console.log(JSON.stringify({ matters }));
        return;
      }
      const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
      console.log(mattersTable(matters, timeZone));
    });
}

export function registerMatter(program: Command): void {
  program
    .command('matter')
    .description('show a matter, raise one, or take the next step about it')
    .argument('[matter]', 'its id, as matters prints it; left out to open one')
    .argument('[phase]', `${PHASES.slice(1).join(', ')}; left out to show it`)
    .addOption(configOption())
    .option('--by <operator>', 'who does it; needed to do anything')
    .option(
      '--category <name>',
      'help, health, care, repair, safety, environment, neighbours, other, or a number',
    )
    .option('--urgency <how>', 'routine, soon or urgent')
    .option('--level <level>', 'grid, community, street or city')
    .option('--handler <account>', 'who takes it on, or has settled it')
    .option('--about <account>', 'whom it is about; to open one')
    .option('--due <when>', 'when the next step is due: a date, a date and time, or Unix seconds')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
The gateway logs each step under its own key, with the operator's name. Whoever raised a matter confirms it, and nobody who worked
on it. Exit code ${EXIT.notFound} when there is no such matter, ${EXIT.refused} when a step is not in order; nothing is stored then.

Examples:
  timeband-gateway matter --category repair --urgency soon --by office --config gateway.yaml
  timeband-gateway matter 0f0e0d0c0b0a09080706050403020100 assign --handler account-17 --by office --config gateway.yaml`,
    )
    .action(async (matter: string | undefined, phase: string | undefined, options: Step) => {
      const { config, json, by, category, ...rest } = options;
      if (matter !== undefined && phase === undefined) {
        const found = await askLedger<Answers['matter']>(config, 'matter', { matter });
        const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
        console.log(json === true ? JSON.stringify(found) : whole(found, timeZone));
        return;
      }
      if (by === undefined) throw new CommandFailure(EXIT.usage, 'Say who does it: --by office');
      const { urgency, level, handler, due, about } = rest;
      const own = category !== undefined && /^\d+$/.test(category) ? Number(category) : category;
      const step = { matter, phase: phase ?? 'open', category: own, urgency, level, handler, due, about };
      const after = await takeStep(config, step, by);
      console.log(
        json === true
          ? JSON.stringify(after)
          : `${after.matter}: ${after.phase}, at level ${after.level}${after.repeated ? '; it was so before' : ''}`,
      );
    });
}

function mattersTable(matters: Matters, zone: string): string {
  if (matters.length === 0) return 'no matter is open';
  const rows = matters.map(
    ({ matter, raised, category, urgency, level, phase, about, handler, due, escalated }) => [
      matter,
      shownMoment(raised, zone),
      ...[category, urgency, level],
      phase === 'resolve' ? 'resolved, to be confirmed' : phase,
      about ?? '',
      handler ?? '',
      due === null ? '' : shownMoment(due, zone),
      escalated.length === 0 ? '' : String(escalated.length),
    ],
  );
  const head = [
    'matter',
    'raised',
    'category',
    'urgency',
    'level',
    'state',
    'about',
    'handler',
    'due',
    'by itself',
  ];
  return table(head, rows, [9]);
}

function whole({ steps, ...matter }: Answers['matter'], zone: string): string {
  const rows = steps.map(({ at, phase, by, handler, outcome, event }) => [
    ...[shownMoment(at, zone), phase, by ?? 'gateway', handler ?? ''],
    outcome === 'counts' ? '' : outcome,
    String(event),
  ]);
  return [
    mattersTable([matter], zone),
    '',
    table(['when', 'step', 'by', 'handler', 'why not', 'event'], rows, [5]),
  ].join('\n');
}

function figuresTable({ month, raised, settled, levels }: Answers['matterFigures']): string {
  const rows = levels.map(({ level, settled: here, percent, medianMinutes, longestMinutes, open }) => [
    ...[level, String(here), `${percent} %`],
    ...[took(medianMinutes), took(longestMinutes), String(open)],
  ]);
  return [
    `${month}: ${raised} raised, ${settled} settled`,
    table(['level', 'settled', 'share', 'median', 'longest', 'open now'], rows, [1, 2, 3, 4, 5]),
  ].join('\n');
}

function took(minutes: number | null): string {
  if (minutes === null) return '';
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
