/** `bandctl draft`: what operators are to decide about minutes, written down away from the box that books them. */
import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  CborError,
  CORRECTION_REASON,
  CORRECTION_SORT,
  type CorrectionReason,
  type CorrectionSort,
  correctAction,
  enrolAction,
  randomBytes,
  RecordError,
  type RecordReference,
  TRANSFER_SORT,
  type TransferSort,
  transferAction,
} from '@timeband/protocol';
import { decisionOf, type DecisionKind, describeDecision } from '../approval/decision.js';
import { registerDraftCrate } from './draft-crate.js';
import { choice, common, signed, target, thumbprint, when, WHEN } from './draft-options.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT } from './exit-codes.js';
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

export function registerDraft(program: Command, environment: Environment): void {
  const draft = program
    .command('draft')
    .description(
      'write down what operators are to approve: a correction, a transfer, an enrolment, a crate of new elders',
    )
    .addHelpText(
      'after',
      `
Corrections and transfers need the signatures of two operators, neither of them the one who wrote it down (--recorder).

Examples:
  bandctl draft correction --account account-17 --minutes 60 --sort lateEntry --reason noDevice --service 601 \\
    --started 2026-03-01T09:00+08:00 --ended 2026-03-01T10:00+08:00 --out late.json
  bandctl draft transfer --sort gift --from account-4 --to account-17 --minutes 60 --out pay-17.json
  bandctl draft crate elders.csv --register register.txt --issuer issuer.cwt --out crate
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
  registerDraftCrate(draft, environment);
}
