/** `npm run fuzz -- --for 60s`: hostile bytes for every decoder. */
import { setImmediate } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { reproduce, saveFinding } from './findings.js';
import { Fuzzer } from './fuzzer.js';
import type { Verdict } from './judge.js';
import { loadSeeds, type Seed } from './seeds.js';

const STEPS_A_TURN = 20;
const PROGRESS_MS = 1_000;
const DEFAULT_MS = 60_000;

interface Options {
  /** Milliseconds. */
  readonly for?: number;
  readonly seed?: string;
  readonly only?: string;
  readonly out: string;
  readonly reproduce?: string;
  readonly json?: boolean;
}

const program = new Command('fuzz')
  .description(
    'Changes every published vector and sends it through every decoder. Reports unexpected exceptions, ' +
      'calls of more than 50 ms that repeat, encodings that are not canonical, and signed structures ' +
      'that are taken in a second form.',
  )
  .option('--for <time>', 'how long: 60s unless told otherwise, 10m, 1h', duration)
  .option('--seed <text>', 'the same seed makes the same inputs; another each time when left out')
  .option('--only <structure>', 'one structure of the vectors, such as seal or event')
  .option('--out <folder>', 'where inputs that show a problem are kept', 'fuzz-findings')
  .option('--reproduce <file>', 'runs one kept input again')
  .option('--json', 'the summary as one JSON object')
  .addHelpText(
    'after',
    '\nExit code 1 when there is a problem, 2 for usage.\n\nExample:\n  npm run fuzz -- --for 60s --only seal',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run);

async function run(options: Options): Promise<void> {
  const all = loadSeeds();
  if (options.reproduce !== undefined) {
    show(options.reproduce, all);
    return;
  }
  const seeds = all.filter(({ structure }) => options.only === undefined || structure === options.only);
  if (seeds.length === 0) {
    const known = [...new Set(all.map(({ structure }) => structure))].join(', ');
    program.error(`no structure ${options.only ?? ''}; there are ${known}`);
  }
  await fuzz(seeds, options);
}

/** Runs a kept input again. */
function show(path: string, seeds: readonly Seed[]): void {
  const verdict = verdictOn(path, seeds);
  if (verdict.kind === 'problem') process.exitCode = 1;
  console.log(
    verdict.kind === 'problem' ? `${verdict.problem}: ${verdict.detail}` : `no problem: ${verdict.kind}`,
  );
}

function verdictOn(path: string, seeds: readonly Seed[]): Verdict {
  try {
    return reproduce(path, seeds);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return program.error(`${path} is no input that was kept: ${why}`);
  }
}

async function fuzz(seeds: readonly Seed[], options: Options): Promise<void> {
  const seed = options.seed ?? String(Date.now());
  const fuzzer = new Fuzzer(seeds, seed);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  const started = performance.now();
  const until = started + (options.for ?? DEFAULT_MS);
  let findings = 0;
  let told = started;
  while (!stop.signal.aborted && performance.now() < until) {
    for (let i = 0; i < STEPS_A_TURN; i++) {
      for (const finding of fuzzer.step()) {
        findings++;
        const path = saveFinding(options.out, finding);
        console.error(
          `\n${finding.problem} in ${finding.decoder}, from ${finding.vector}\n${finding.detail}`,
        );
        console.error(`again: npm run fuzz -- --reproduce ${path}`);
      }
    }
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now();
      progress(fuzzer, told - started, findings);
    }
    await setImmediate();
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  const { inputs, accepted, reach } = fuzzer;
  const summary = {
    seed,
    seconds: (performance.now() - started) / 1_000,
    vectors: seeds.length,
    inputs,
    accepted,
    ...reach,
    findings,
  };
  console.log(
    options.json === true
      ? JSON.stringify(summary)
      : `${seeds.length} vectors, ${inputs} inputs in ${Math.round(summary.seconds)} s, ${accepted} accepted, ` +
          `${reach.answers} different answers, ${findings} problems (seed ${seed})`,
  );
  if (findings > 0) process.exitCode = 1;
}

/** One line that is written over on a terminal, and a line now and then elsewhere. */
function progress(fuzzer: Fuzzer, elapsedMs: number, findings: number): void {
  const seconds = Math.round(elapsedMs / 1_000);
  if (!process.stderr.isTTY && seconds % 10 !== 0) return;
  const rate = Math.round(fuzzer.inputs / (elapsedMs / 1_000));
  const line = `… ${seconds} s, ${fuzzer.inputs} inputs (${rate}/s), ${fuzzer.reach.answers} answers, ${findings} problems`;
  process.stderr.write(process.stderr.isTTY ? `\r${line}  ` : `${line}\n`);
}

function duration(text: string): number {
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('a time such as 60s, 10m or 1h');
  return Number(amount) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1_000);
}

await program.parseAsync();
