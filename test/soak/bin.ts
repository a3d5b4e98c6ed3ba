/** `npm run soak -- radio [--for 15m]`, `-- crash [--rounds 500]`: what only shows after a long time. */
import { Command, InvalidArgumentError } from 'commander';
import { registerCrash } from './crash/command.js';
import { slope } from './leaks.js';
import { radioSoak, type RadioSoak } from './radio.js';

interface Options {
  readonly for: number;
  readonly bands: number;
  readonly present: number;
  readonly seed: string;
  readonly json?: true;
}

const ROUND_SECONDS = 120;
/** Rounds that are compared at the beginning and at the end of the steady part. */
const COMPARED = 3;
/** Growth that counts as a leak, in bytes for each minute on the air. */
const LEAK_BYTES = 60_000;

const program = new Command('soak').description(
  'runs for long, and tells what leaks, is lost or comes twice',
);

program
  .command('radio')
  .description('bands come and go around a gateway’s radio, mostly in virtual time')
  .option('--for <duration>', 'for example 15m', duration, 15 * 60_000)
  .option('--bands <count>', 'residents', count, 5_000)
  .option('--present <count>', 'of them in range at a time, on average', count, 100)
  .option('--seed <text>', 'repeats who comes when and does what', '1')
  .option('--json', 'print one JSON object at the end')
  .addHelpText(
    'after',
    '\nExit code 1 when something leaks, is lost or comes twice.\n\nExample:\n  npm run soak -- radio --for 5m',
  )
  .action(async (options: Options) => {
    let isInterrupted = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        isInterrupted = true;
        process.once(signal, () => process.exit(130)); // asked twice: at once
      });
    }
    const { bands, present, seed } = options;
    const soak = await radioSoak({
      ...{ bands, present, seed, roundSeconds: ROUND_SECONDS },
      isOver: ({ realSeconds }) => isInterrupted || realSeconds * 1_000 >= options.for,
      say: (line) => {
        console.error(`… ${line}`);
      },
    });
    const problems = problemsOf(soak);
    if (options.json === true) console.log(JSON.stringify({ ...soak, problems }));
    else {
      const { virtualSeconds, realSeconds, counts } = soak;
      console.log(
        `${Math.round(virtualSeconds / 60)} minutes on the air in ${Math.round(realSeconds / 60)}: ${JSON.stringify(counts)}`,
      );
      for (const problem of problems) console.log(`PROBLEM: ${problem}`);
      if (problems.length === 0) console.log('Nothing leaks, nothing is lost, nothing comes twice.');
    }
    if (problems.length > 0) process.exitCode = 1;
  });

/** What is wrong, in words. */
function problemsOf({ counts, rounds, timersLeft, handlesLeft }: RadioSoak): string[] {
  const problems: string[] = [];
  const { lost, duplicates } = counts;
  if (lost > 0) problems.push(`${lost} records were lost`);
  if (duplicates > 0) problems.push(`${duplicates} records came twice`);
  if (timersLeft > 0) problems.push(`${timersLeft} timers were left at the end`);
  if (handlesLeft > 0) problems.push(`${handlesLeft} handles were left at the end`);
  // In the first half bands come that were never here before, and the gateway remembers each.
  const steady = rounds.slice(Math.floor(rounds.length / 2));
  const minutes = ROUND_SECONDS / 60;
  for (const what of ['heap', 'buffers'] as const) {
    const growth = slope(steady.map((round) => round[what])) / minutes;
    if (steady.length > 2 * COMPARED && growth > LEAK_BYTES) {
      problems.push(`${what} grow by ${Math.round(growth / 1_000)} KB a minute on the air`);
    }
  }
  for (const what of ['listeners', 'handles', 'remembered'] as const) {
    const most = Math.max(...steady.slice(0, COMPARED).map((round) => round[what]));
    const last = Math.max(...steady.slice(-COMPARED).map((round) => round[what]));
    if (steady.length > 2 * COMPARED && last > most * 1.5 + 8)
      problems.push(`${what} grew from ${most} to ${last}`);
  }
  return problems;
}

function duration(text: string): number {
  const [, number, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('a duration such as 90s, 15m or 2h');
  return Number(number) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
}

function count(text: string): number {
  const number = Number(text);
  if (!(Number.isInteger(number) && number > 0)) throw new InvalidArgumentError('a whole number above 0');
  return number;
}

registerCrash(program);
await program.parseAsync();
