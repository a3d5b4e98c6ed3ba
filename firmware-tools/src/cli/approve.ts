/** `bandctl draft` and `approve`: what operators decide about minutes, away from the box that books them. */
import { existsSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  CborError,
  CORRECTION_REASON,
  CORRECTION_SORT,
  type CorrectionReason,
  type CorrectionSort,
  correctAction,
  enrolAction,
  fromHex,
  randomBytes,
  RecordError,
  type RecordReference,
  TRANSFER_SORT,
  type TransferSort,
  transferAction,
} from '@timeband/protocol';
import {
  decisionOf,
  DecisionError,
  type DecisionKind,
  describeDecision,
  parseDecision,
  signDecision,
} from '../approval/decision.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { readFileOr } from './files.js';
import { readKey } from './provision/desk-options.js';
import { id, wholeNumber } from './provision/devices.js';

interface Drafting {
  readonly out: string;
  readonly json?: true | undefined;
  readonly recorder?: string;
}

interface CorrectionOptions extends Drafting {
  readonly account: string;
  readonly minutes: number;
  readonly sort: CorrectionSort;
  readonly reason: CorrectionReason;
  readonly target?: RecordReference;
  readonly service?: number;
  readonly started?: number;
  readonly ended?: number;
}

interface TransferOptions extends Drafting {
  readonly from: string;
  readonly to: string;
  readonly minutes: number;
  readonly sort: TransferSort;
}

interface EnrolOptions extends Drafting {
  readonly account: string;
  readonly band: string;
  readonly thumbprint?: Uint8Array;
}

interface ApproveOptions {
  readonly site?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

const WHEN = 'RFC 3339 or Unix seconds';

export function registerDraft(program: Command, environment: Environment): void {
  const draft = program
    .command('draft')
    .description('write down what operators are to approve: a correction, a transfer, an enrolment')
    .addHelpText(
      'after',
      `
Corrections and transfers need the signatures of two operators, neither of them the one who wrote it down (--recorder).

Examples:
  bandctl draft correction --account account-17 --minutes 60 --sort lateEntry --reason noDevice --service 601 \\
    --started 2026-03-01T09:00+08:00 --ended 2026-03-01T10:00+08:00 --out late.json
  bandctl approve late.json --site dahaiyang --key operator-1.key
  timeband-gateway submit late.json --config gateway.yaml`,
    );
  const write = (kind: DecisionKind, { out, json }: Drafting, action: () => Uint8Array): void => {
    if (existsSync(out))
      throw new CommandFailure(EXIT.refused, `${out} is there already; nothing was changed`);
    try {
      const decision = decisionOf(kind, action());
      writeFileSync(out, `${JSON.stringify(decision, undefined, 2)}\n`, { flag: 'wx' });
      if (json === true) {
        environment.print(JSON.stringify({ file: out, decision }));
        return;
      }
      for (const line of describeDecision(decision)) environment.print(line);
      environment.print(`${out} is for the operators: bandctl approve ${out} --site SITE --key FILE`);
    } catch (error) {
      if (error instanceof RecordError || error instanceof CborError)
        throw new CommandFailure(EXIT.usage, `that is no ${kind}: ${error.message}`);
      throw error;
    }
  };
  const fresh = () => ({ nonce: randomBytes(16), at: environment.now() });
  common(draft.command('correction').description('minutes that are missing, or that should not be there'))
    .requiredOption('--account <id>', 'whose', id)
    .requiredOption('--minutes <minutes>', 'what is added; negative for what is taken away', signed)
    .addOption(choice('--sort <sort>', 'void or amend a record, or a late entry', CORRECTION_SORT))
    .addOption(choice('--reason <reason>', 'why', CORRECTION_REASON))
    .option(
      '--target <log/seq/hash>',
      'the record that it is about, in hexadecimal: void and amend need it',
      target,
    )
    .option('--service <number>', 'number in the catalogue: a late entry needs it', wholeNumber)
    .option('--started <when>', `a late entry needs it: ${WHEN}`, when)
    .option('--ended <when>', `a late entry needs it: ${WHEN}`, when)
    .action(({ out, json, ...decided }: CorrectionOptions) => {
      write('correct', { out, json }, () => correctAction({ ...fresh(), ...decided }));
    });
  common(draft.command('transfer').description('minutes from one account to another'))
    .requiredOption('--from <id>', 'who gives; `fund` is the community', id)
    .requiredOption('--to <id>', 'who takes', id)
    .requiredOption('--minutes <minutes>', 'how many', wholeNumber)
    .addOption(choice('--sort <sort>', 'what it is', TRANSFER_SORT))
    .action(({ out, json, ...decided }: TransferOptions) => {
      write('transfer', { out, json }, () => transferAction({ ...fresh(), ...decided }));
    });
  draft
    .command('enrol')
    .description('a band or tag that belongs to an account from now on')
    .requiredOption('--account <id>', 'whose', id)
    .requiredOption('--band <id>', 'the band, or tag-UID', id)
    .option('--thumbprint <hex>', 'of the key of the band; a tag has none', thumbprint)
    .requiredOption('--out <file>', 'where to')
    .option('--json', 'print one JSON object')
    .action(({ out, json, ...decided }: EnrolOptions) => {
      write('enrol', { out, json }, () => enrolAction({ ...fresh(), step: 'issued', ...decided }));
    });
}

function common(command: Command): Command {
  return command
    .option('--recorder <id>', 'the operator who writes it down, and who cannot approve it', id)
    .requiredOption('--out <file>', 'where to')
    .option('--json', 'print one JSON object');
}

export function registerApprove(program: Command, environment: Environment): void {
  program
    .command('approve')
    .description('show what is to be decided, and sign it with the key of an operator')
    .argument('<file>', 'what bandctl draft wrote; the signature is added to it')
    .option('--site <id>', 'the site that it is for', id)
    .option('--key <file>', 'key of the operator (bandctl certify --role operator); only shown when left out')
    .option('--passphrase-file <file>', 'its first line is the passphrase of the key')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  bandctl approve late.json --site dahaiyang --key operator-1.key')
    .action(async (file: string, { site, key, passphraseFile, json }: ApproveOptions) => {
      const decision = readDecision(file);
      if (json !== true) for (const line of describeDecision(decision)) environment.print(line);
      else if (key === undefined) environment.print(JSON.stringify({ file, decision }));
      if (key === undefined) return;
      if (site === undefined) throw new CommandFailure(EXIT.usage, 'say for which site: --site');
      const opened = await readKey(key, passphraseFile === undefined ? {} : { passphraseFile }, environment);
      const approvedNow = signDecision(decision, opened, site);
      writeFileSync(file, `${JSON.stringify(approvedNow, undefined, 2)}\n`);
      if (json === true) environment.print(JSON.stringify({ file, decision: approvedNow }));
      else environment.print(`approved; ${file} has ${approvedNow.approvals.length} signatures`);
    });
}

/** @throws CommandFailure */
function readDecision(file: string): ReturnType<typeof parseDecision> {
  try {
    return parseDecision(new TextDecoder().decode(readFileOr(file, 'the decision')));
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file}: ${error.message}`);
  }
}

function choice(flags: string, says: string, of: Readonly<Record<string, number>>): Option {
  return new Option(flags, says).choices(Object.keys(of)).makeOptionMandatory();
}

function signed(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value === 0)
    throw new InvalidArgumentError('It has to be a whole number, not 0.');
  return value;
}

function when(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1_000);
  if (Number.isNaN(seconds)) throw new InvalidArgumentError(`It has to be ${WHEN}.`);
  return seconds;
}

function target(text: string): RecordReference {
  const [, logId = '', seq = '', hash = ''] = /^([0-9a-f]{32})\/(\d+)\/([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '')
    throw new InvalidArgumentError('It has to be the log id, the number and the hash of a record.');
  return { logId: fromHex(logId), seq: Number(seq), hash: fromHex(hash) };
}

function thumbprint(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('It has to be 64 hexadecimal digits.');
  return fromHex(text);
}
