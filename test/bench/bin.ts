/** `npm run bench -- [--json] [NAME…]`: every figure we promise, measured on the machine it runs on. */
import { Command, InvalidArgumentError } from 'commander';
import { type Bench, print, reached } from './figure.js';
import { idle } from './idle.js';
import { pipeline } from './pipeline/index.js';
import { primitives } from './primitives.js';
import { protocol } from './protocol/index.js';
import { tap } from './tap.js';

const BENCHES: readonly Bench[] = [primitives, protocol, pipeline, tap, idle];

const program = new Command('bench')
  .description(
    `Measures. Benchmarks:\n${BENCHES.map(({ name, about }) => `  ${name.padEnd(11)} ${about}`).join('\n')}`,
  )
  .argument('[names...]', 'which ones; all when left out')
  .option('--json', 'one JSON object a line')
  .option('--scale <factor>', 'do this share of the work, for a quick look', factor, 1)
  .addHelpText(
    'after',
    '\nExit code 1 when a promise is missed.\n\nExample:\n  npm run bench -- --json tap idle',
  )
  .action(async (names: string[], options: { json?: boolean; scale: number }) => {
    const chosen = BENCHES.filter(({ name }) => names.length === 0 || names.includes(name));
    const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
    if (unknown.length > 0) {
      program.error(
        `no benchmark ${unknown.join(', ')}; there are ${BENCHES.map((b) => b.name).join(', ')}`,
        {
          exitCode: 2,
        },
      );
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

await program.parseAsync();
