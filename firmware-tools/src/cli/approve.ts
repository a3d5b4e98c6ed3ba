/** `bandctl approve`: shows what is to be decided, and signs it with the key of an operator. */
import type { Command } from 'commander';
import type { PrivateKey } from '@timeband/protocol';
import { type DecisionFile, DecisionError, describeDecision, signDecision } from '../approval/decision.js';
import { type Glance, glanceAt, sumsOf, welcomedTwice } from '../approval/overview.js';
import { findDecisions, type FoundDecision, replaceDecision } from './decision-files.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readKey } from './provision/desk-options.js';
import { id } from './provision/devices.js';

interface ApproveOptions {
  readonly site?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

type Readable = Extract<FoundDecision, { readonly decision: DecisionFile }>;

export function registerApprove(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .command('approve')
    .description('show what is to be decided, and sign it with the key of an operator')
    .argument('<file...>', 'what bandctl draft wrote, or a folder of it; the signature is added to each file')
    .option('--site <id>', 'the site that it is for', id)
    .option('--key <file>', 'key of the operator (bandctl certify --role operator); only shown when left out')
    .option('--passphrase-file <file>', 'its first line is the passphrase of the key')
    .option('--json', 'print one JSON object a file')
    .addHelpText(
      'after',
      `
Several decisions are shown as one table with their sums, and the passphrase is asked for once. One that cannot be signed does not
stop the others: exit code ${EXIT.failed}, and the same again signs what is left.

Examples:
  bandctl approve late.json --site dahaiyang --key operator-1.key
  bandctl approve crate
  bandctl approve crate --site dahaiyang --key operator-1.key`,
    )
    .action(async (paths: readonly string[], options: ApproveOptions) => {
      const found = findDecisions(paths);
      const [first] = found;
      if (found.length === 1 && first !== undefined && 'problem' in first)
        throw new CommandFailure(first.exitCode, first.problem);
      finish(await approveAll(found, options, environment));
    });
}

async function approveAll(
  found: readonly FoundDecision[],
  { site, key, passphraseFile, json }: ApproveOptions,
  environment: Environment,
): Promise<ExitCode> {
  const { print, complain } = environment;
  const readable = found.filter((one) => 'decision' in one);
  const say = (one: Readable): void => {
    if (json === true) print(JSON.stringify(one));
  };
  if (json !== true) for (const line of shown(readable)) print(line);
  else if (key === undefined) readable.forEach(say);
  let failed = 0;
  const fail = (file: string, problem: string): void => {
    failed++;
    complain(problem);
    if (json === true) print(JSON.stringify({ file, problem }));
  };
  for (const one of found) if ('problem' in one) fail(one.file, one.problem);
  const code = (): ExitCode => (failed === 0 ? EXIT.ok : failed < found.length ? EXIT.failed : EXIT.refused);
  if (key === undefined || readable.length === 0) return code();
  if (site === undefined) throw new CommandFailure(EXIT.usage, 'say for which site: --site');
  const opened = await readKey(key, passphraseFile === undefined ? {} : { passphraseFile }, environment);
  const approved: Readable[] = [];
  for (const { file, decision } of readable) {
    try {
      const one = { file, decision: signed(file, decision, opened, site) };
      approved.push(one);
      say(one);
    } catch (error) {
      if (!(error instanceof DecisionError || error instanceof CommandFailure)) throw error;
      fail(file, error instanceof DecisionError ? `${file}: ${error.message}` : error.message);
    }
  }
  if (json !== true) for (const line of outcome(approved, failed)) print(line);
  return code();
}

function signed(file: string, decision: DecisionFile, key: PrivateKey, site: string): DecisionFile {
  const approvedNow = signDecision(decision, key, site);
  if (approvedNow !== decision) replaceDecision(file, approvedNow);
  return approvedNow;
}

/** One in full, several as a table. */
function shown(readable: readonly Readable[]): string[] {
  const [first] = readable;
  if (first === undefined) return [];
  if (readable.length === 1) return describeDecision(first.decision);
  const glances = readable.map(({ decision }) => glanceAt(decision));
  const twice = welcomedTwice(glances);
  return [
    ...tableOf(readable, glances),
    ...sumsOf(glances),
    ...(twice.length === 0 ? [] : [`Only the first welcome counts: ${twice.join(', ')} would have two`]),
  ];
}

function tableOf(readable: readonly Readable[], glances: readonly Glance[]): string[] {
  const rows = glances.map(({ who, what, minutes, signatures }, i) => [
    ...[who, what, minutes === undefined ? '' : String(minutes), String(signatures), readable[i]?.file ?? ''],
  ]);
  const all = [['account', 'what', 'minutes', 'signed', 'file'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumber = [false, false, true, true];
  return all.map((row) =>
    row
      .map((cell, i) => (isNumber[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function outcome(approved: readonly Readable[], failed: number): string[] {
  const [first] = approved;
  if (first === undefined) return [];
  if (approved.length === 1 && failed === 0)
    return [`approved; ${first.file} has ${first.decision.approvals.length} signatures`];
  const whole = approved.filter(({ decision }) => glanceAt(decision).isComplete).length;
  const waiting = approved.length - whole;
  return [
    [
      `${approved.length} approved`,
      ...(whole === 0 ? [] : [`${whole} can be brought to the gateway: timeband-gateway submit`]),
      ...(waiting === 0 ? [] : [`${waiting} need another operator`]),
      ...(failed === 0 ? [] : [`${failed} could not be signed`]),
    ].join('; '),
  ];
}
