/** `bandctl conform`: whether a device does what the specification says. */
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import {
  AREAS,
  ConformError,
  type ConformReport,
  runConformance,
  selectChecks,
  type Subject,
  toJunit,
  toPage,
  toTap,
} from '../../conform/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT, type ExitCode } from '../exit-codes.js';
import { explainFailure, type TargetCliOptions, targetOptions } from '../targets.js';
import { describeReport } from './describe.js';
import { Progress } from './progress.js';
import { type BenchCliOptions, openBench } from './subject.js';

type Format = 'text' | 'tap' | 'junit';

interface ConformCliOptions extends TargetCliOptions, BenchCliOptions {
  readonly format: Format;
  readonly json?: true;
  readonly only: readonly string[];
  readonly list?: true;
  readonly page?: string;
  readonly destructive?: true;
}

export function registerConform(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('conform')
    .description('examine whether a device does what the specification says, check by check');
  targetOptions(command)
    .option(
      '--issuer-key <file>',
      "key of the site's issuer (PKCS#8 PEM), to be its gateways: of a site made for trying, since clock, policy and acks are changed",
    )
    .option('--destructive', 'restart the device too, and fill its log (always with --sim)')
    .option('--power-command <command>', 'what takes its power and gives it back, instead of SMP’s reset')
    .option(
      '--only <names>',
      'checks or areas, separated by commas; may be given several times',
      (names: string, before: readonly string[]) => [...before, ...names.split(',').filter(Boolean)],
      [],
    )
    .option('--list', 'print the checks there are, with what asks for them, and end')
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(['text', 'tap', 'junit'])
        .default('text'),
    )
    .option('--json', 'print the result as one JSON object')
    .option('--page <file>', 'write it as a page too, to put beside a product')
    .addHelpText(
      'after',
      `
Every check names the section of SPEC.md that asks for it. Without --issuer-key only those run that a stranger can
do; without --destructive nothing is restarted and no log is filled. What was left out is said, and why.

Exit codes: 0 it conforms   4 it does not   5 it was not examined to the end   (2, 3 as always)

Examples:
  bandctl conform --sim
  bandctl conform --port /dev/ttyACM0
  bandctl conform --port /dev/ttyACM0 --issuer-key issuer.key --issuer issuer.cwt --destructive --page reader.html
  bandctl conform --sim="--untrusted-link" --only session --format tap
  bandctl conform --sim="--break ack-any-hash"`,
    )
    .action(async (options: ConformCliOptions) => {
      finish(options.list === true ? list(options, environment) : await conform(options, environment));
    });
}

function list({ only, json }: ConformCliOptions, { print }: Environment): ExitCode {
  const checks = selecting(only);
  if (json === true) {
    for (const { id, area, section, title, needs = [] } of checks)
      print(JSON.stringify({ id, area, section, title, needs }));
    return EXIT.ok;
  }
  const width = Math.max(...checks.map(({ id }) => id.length));
  const areas = [...new Set(checks.map(({ area }) => area))];
  for (const area of areas) {
    print(`${AREAS[area]} (${area})`);
    for (const { id, title, section } of checks.filter((check) => check.area === area))
      print(`  ${id.padEnd(width)}  ${title}. ${section}`);
  }
  print(`${checks.length} checks`);
  return EXIT.ok;
}

function selecting(only: readonly string[]) {
  try {
    return selectChecks(only);
  } catch (error) {
    if (error instanceof ConformError) throw new CommandFailure(EXIT.usage, error.message);
    throw error;
  }
}

async function conform(options: ConformCliOptions, environment: Environment): Promise<ExitCode> {
  selecting(options.only);
  const bench = await openBench(options, environment);
  try {
    return await examine(
      bench.subject,
      options.destructive === true || bench.isSimulated,
      options,
      environment,
    );
  } finally {
    await bench.close();
  }
}

async function examine(
  subject: Subject,
  isDestructive: boolean,
  options: ConformCliOptions,
  environment: Environment,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const stopListening = environment.onInterrupt(() => {
    interrupt.abort();
  });
  const progress = new Progress(environment);
  try {
    const report = await runConformance(subject, {
      ...{ only: options.only, isDestructive, timeoutMs: options.timeout, now: environment.now },
      signal: interrupt.signal,
      progress: (step) => {
        progress.update(step);
      },
    });
    progress.clear();
    show(report, options, environment);
    if (options.page !== undefined) writePage(options.page, report, environment);
    if (interrupt.signal.aborted) return EXIT.interrupted;
    if (report.failed > 0) return EXIT.refused;
    return report.conforms ? EXIT.ok : EXIT.failed;
  } catch (error) {
    progress.clear();
    throw failureOf(error, subject.name);
  } finally {
    stopListening();
  }
}

function show(report: ConformReport, { json, format }: ConformCliOptions, { print }: Environment): void {
  if (json === true) print(JSON.stringify(report));
  else if (format === 'tap') print(toTap(report));
  else if (format === 'junit') print(toJunit(report));
  else print(describeReport(report));
}

function writePage(file: string, report: ConformReport, { complain }: Environment): void {
  try {
    writeFileSync(file, toPage(report));
  } catch (error) {
    throw new CommandFailure(EXIT.failed, `cannot write the page: ${(error as Error).message}`);
  }
  complain(`wrote ${file}`);
}

const EXIT_CODES = {
  'conform/silent': EXIT.notReachable,
  'conform/session': EXIT.refused,
  'conform/blank': EXIT.refused,
  'conform/check': EXIT.usage,
} as const;

function failureOf(error: unknown, name: string): unknown {
  if (error instanceof CommandFailure) return error;
  if (error instanceof ConformError) return new CommandFailure(EXIT_CODES[error.code], error.message);
  const explained = explainFailure(error, name);
  return explained === undefined ? error : new CommandFailure(explained.exitCode, explained.message);
}
