import { resolve } from 'node:path';
import { type Command } from 'commander';
import { runDemo } from '../demo/demo.js';
import { parseCount, parseDuration } from './options.js';

interface Options {
  readonly gateway: string;
  readonly for?: number;
  readonly dir?: string;
  readonly readers: number;
  readonly bands: number;
  readonly radioBands: number;
  readonly rate: number;
}

/** `bandsim demo` */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'run a whole centre: a gateway, readers, bands on the radio, and a display that verifies events',
    )
    .requiredOption('--gateway <program>', 'the gateway, for example node_modules/.bin/timeband-gateway')
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--dir <dir>', 'where to put the site; a new temporary folder when left out')
    .option('--readers <count>', 'simulated readers', parseCount, 3)
    .option('--bands <count>', 'simulated bands that are held to readers', parseCount, 40)
    .option('--radio-bands <count>', 'simulated wristbands on the radio, 0 for no radio', parseCount, 12)
    .option('--rate <taps>', 'taps a minute at each reader', parseCount, 30)
    .addHelpText(
      'after',
      `
Ends with one line of JSON: what readers, bands and the gateway itself logged, and what came of it. Exit code 0 only if events were received, all verified, and none was lost.

Example:
  bandsim demo --gateway node_modules/.bin/timeband-gateway --for 20s`,
    )
    .action(async (options: Options) => {
      const stop = new Promise<void>((stopNow) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) {
          process.once(signal, () => {
            stopNow();
            process.once(signal, () => process.exit(130)); // asked twice: at once
          });
        }
        if (options.for !== undefined) setTimeout(stopNow, options.for).unref();
      });
      const summary = await runDemo({
        gateway: resolve(options.gateway),
        bandsim: resolve(process.argv[1] ?? ''),
        dir: options.dir && resolve(options.dir),
        readers: options.readers,
        bands: options.bands,
        radioBands: options.radioBands,
        rate: options.rate,
        stop,
        print: (line) => {
          console.log(line);
        },
      });
      console.log(JSON.stringify(summary));
      const { received, verified, duplicates, lost } = summary;
      if (received === 0 || verified + duplicates !== received || lost !== 0) process.exitCode = 5;
    });
}
