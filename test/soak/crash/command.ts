/** `npm run soak -- crash`: kills the gateway under full load, hundreds of times, and does to it what boxes live through. */
import { type Command, InvalidArgumentError } from 'commander';
import { ensureDebian, MOSQUITTO } from '../../support/debian.js';
import { type CrashFigures, crashSoak } from './crash.js';
import { bestDisk } from './disk.js';
import { chooseFaults, FAULTS, faultSoak } from './faults/index.js';

interface Options {
  readonly rounds: number;
  readonly seed: string;
  readonly faults?: readonly string[];
  readonly times: number;
  readonly rate: number;
  readonly list?: true;
  readonly json?: true;
}

const READERS = 3;
const RADIO_BANDS = 10;
const ROUNDS_PER_SITE = 40;

export function registerCrash(program: Command): void {
  program
    .command('crash')
    .description('kills the gateway under full load, and does to it what boxes live through')
    .option('--rounds <count>', 'times that it is killed at a random moment', whole, 500)
    .option('--faults <names...>', 'the faults to try, or all, or none; see --list', ['all'])
    .option('--times <count>', 'how often each fault is tried', whole, 1)
    .option('--seed <text>', 'repeats who logs what, and when it is killed', '1')
    .option('--rate <taps>', 'taps a minute at each of the three readers', whole, 600)
    .option('--list', 'print the faults there are, and end')
    .option('--json', 'print one JSON object at the end')
    .addHelpText(
      'after',
      `
After each round the devices' own word, the database and what subscribers and the city were sent are held against each
other, and reconcile is asked. Exit code 1 when anything is lost, comes twice or does not agree; the folder is kept then.

Example:
  npm run soak -- crash --rounds 500
  npm run soak -- crash --rounds 0 --faults disk-full flood --times 5`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  if (options.list === true) {
    for (const [name, { says }] of Object.entries(FAULTS)) console.log(`${name.padEnd(18)}${says}`);
    return;
  }
  const say = (line: string): void => {
    console.error(`… ${line}`);
  };
  let isInterrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true;
      process.once(signal, () => process.exit(130)); // asked twice: at once
    });
  }
  const { rounds, seed, rate: tapsPerMinute, times } = options;
  const hasUplink = await hasCity(say);
  const kind = bestDisk();
  if (kind !== 'image')
    say('no loop device for this user: the power is not cut, the disk not made read-only');
  const stage = {
    ...{ seed, hasUplink, tapsPerMinute, readers: READERS, radioBands: RADIO_BANDS },
    ...{ isInterrupted: () => isInterrupted, say },
  };
  const figures = await crashSoak({ ...stage, rounds, roundsPerSite: ROUNDS_PER_SITE });
  if (figures.problems.length === 0) {
    await faultSoak({ ...stage, faults: chooseFaults(options.faults ?? []), times }, figures);
  }
  report(figures, options.json === true);
}

async function hasCity(say: (line: string) => void): Promise<boolean> {
  try {
    await ensureDebian(MOSQUITTO);
    return true;
  } catch (error) {
    say(`without a city: ${(error as Error).message}`);
    return false;
  }
}

function report(figures: CrashFigures, asJson: boolean): void {
  const { rounds, records, lost, twice, reconciled, accounts, repeated, problems, kept } = figures;
  if (asJson) console.log(JSON.stringify(figures));
  else {
    console.log(
      `${rounds} rounds, ${records} records logged, ${lost} lost, ${twice} twice, reconcile good ${reconciled}/${accounts}; ` +
        `${repeated} deliveries repeated; ${JSON.stringify({ ...figures.ends, ...figures.faults })}`,
    );
    for (const problem of problems) console.log(`PROBLEM: ${problem}`);
    for (const dir of kept) console.log(`Kept: ${dir}`);
  }
  if (problems.length > 0 || reconciled < accounts) process.exitCode = 1;
}

function whole(text: string): number {
  const number = Number(text);
  if (!(Number.isInteger(number) && number >= 0)) throw new InvalidArgumentError('a whole number');
  return number;
}
