/** `npm run bench -- [--json] [NAME…]`: every figure we promise, measured on the machine it runs on. */
import { Command, InvalidArgumentError } from 'commander';
import { backlog } from './backlog.js';
import { broker } from './broker/index.js';
import { type Bench, print, reached } from './figure.js';
import { flash } from './flash/index.js';
import { growth } from './growth/index.js';
import { idle } from './idle.js';
import { ledger } from './ledger/index.js';
import { pipeline } from './pipeline/index.js';
import { primitives } from './primitives.js';
import { protocol } from './protocol/index.js';
import { crowd, type CrowdOptions } from './radio/crowd.js';
import { helpButton, type HelpOptions } from './radio/help-button.js';
import { Interrupted } from './radio/interruptible.js';
import { station } from './station.js';
import { tap } from './tap.js';

const USAGE = 2;
const INTERRUPTED = 130;

interface Options extends CrowdOptions, HelpOptions {
  readonly json?: true;
  readonly scale: number;
}

const benches = (options: CrowdOptions & HelpOptions): readonly Bench[] => [
  ...[primitives, protocol, pipeline, broker, tap, idle, flash, growth, ledger, backlog, station],
  ...[crowd(options), helpButton(options)],
];

const program = new Command('bench')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE))
  .description(
    `Measures. Benchmarks:\n${benches({})
      .map(({ name, about }) => `  ${name.padEnd(11)} ${about}`)
      .join('\n')}`,
  )
  .argument('[names...]', 'which ones; all when left out')
  .option('--json', 'one JSON object a line')
  .option('--scale <factor>', 'do this share of the work, for a quick look', factor, 1)
  .option('--bands <count>', 'crowd, help-button: bands that come at once (default: 1000)', count)
  .option('--loss <percent>', 'crowd: packets lost in the air, whatever the distance', percent)
  .option('--cut <every>', 'crowd: one of so many connections is cut in the middle', count)
  .option('--rounds <count>', 'help-button: calls for help in a quiet room (default: 30)', count)
  .addHelpText(
    'after',
    `
Exit code 1 when a promise is missed.

Examples:
  npm run bench -- --json tap idle
  npm run bench -- crowd --loss 10 --cut 10`,
  )
  .action(async (names: string[], options: Options) => {
    const all = benches(options);
    const chosen = all.filter(({ name }) => names.length === 0 || names.includes(name));
    const unknown = names.filter((name) => !all.some((bench) => bench.name === name));
    if (unknown.length > 0) {
      program.error(`no benchmark ${unknown.join(', ')}; there are ${all.map((b) => b.name).join(', ')}`, {
        exitCode: USAGE,
      });
    }
    const say = (line: string): void => {
      console.error(`… ${line}`);
    };
    for (const bench of chosen) {
      for (const figure of await bench.run({ say, scale: options.scale })) {
        print(figure, options.json === true);
        if (!reached(figure)) process.exitCode = 1;
      }
    }
  });

function factor(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1)) throw new InvalidArgumentError('a number above 0, at most 1');
  return number;
}

function count(value: string): number {
  const number = Number(value);
  if (!(Number.isInteger(number) && number > 0)) throw new InvalidArgumentError('a whole number above 0');
  return number;
}

function percent(value: string): number {
  const number = Number(value);
  if (!(number >= 0 && number < 100)) throw new InvalidArgumentError('a number from 0 to below 100');
  return number;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  // What it waited for does not come any more.
  console.error(error.message);
  process.exit(INTERRUPTED);
}
