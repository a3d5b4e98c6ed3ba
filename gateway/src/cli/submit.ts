/** `timeband-gateway submit`: what operators have decided and approved, brought to the running gateway. */
import type { Command } from 'commander';
import type { Submitted } from '../api/index.js';
import { bringRecord } from './ask-ledger.js';
import { bringAll, type Brought, decisionFiles, exitCodeOf, whyNot } from './bring-decisions.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';

export function registerSubmit(program: Command): void {
  program
    .command('submit')
    .description('bring corrections, transfers and enrolments that operators have approved')
    .argument('<file...>', 'what bandctl draft wrote and bandctl approve has signed, or a folder of it')
    .addOption(configOption())
    .option('--json', 'print what it came to as JSON, a line a file')
    .addHelpText(
      'after',
      `
Corrections and transfers need two different operators, enrolments one. The gateway has to run and to know their certificates
(certificates in the settings, or register import). Enrolments go first; one that does not count does not stop the others.
Exit code ${EXIT.refused} when none counts, ${EXIT.failed} when some do not. Bringing the same again changes nothing, so after a failure
the same command does the rest.

Examples:
  bandctl draft correction --account account-17 --minutes 60 --sort lateEntry --reason noDevice --service 601 \\
    --started 2026-03-01T09:00 --ended 2026-03-01T10:00 --out late.json
  bandctl approve late.json --site dahaiyang --key operator-1.key
  bandctl approve late.json --site dahaiyang --key operator-2.key
  timeband-gateway submit late.json --config gateway.yaml
  timeband-gateway submit crate --config gateway.yaml`,
    )
    .action(async (paths: string[], { config, json }: { config: string; json?: true }) => {
      const files = decisionFiles(paths);
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      process.once('SIGINT', end);
      let done = 0;
      const all = await bringAll(files, {
        bring: (record) => bringRecord(config, record),
        isOver: () => isOver,
        told: (one) => {
          done++;
          if (json === true) console.log(JSON.stringify(forPrograms(one)));
          else if (files.length === 1) tellInFull(one);
          else tell(one, `${done}/${files.length} `);
        },
      });
      process.off('SIGINT', end);
      if (json !== true && files.length > 1) console.log(summary(files, all));
      process.exitCode = exitCodeOf(files, all);
    });
}

function forPrograms(one: Brought): object {
  const { file } = one;
  return one.state === 'refused' ? { file, problem: one.problem } : { file, ...one.answer };
}

function tellInFull(one: Brought): void {
  if (one.state === 'refused') {
    console.error(`${one.file}: ${one.problem}`);
    return;
  }
  console.log(describe(one.file, one.answer));
  if (one.state === 'noEffect') console.error(`It has no effect: ${because(one.answer)}`);
}

function tell(one: Brought, before: string): void {
  if (one.state === 'refused') console.error(`${before}${one.file}: REFUSED: ${one.problem}`);
  else if (one.state === 'noEffect') console.error(`${before}${one.file}: NO EFFECT: ${because(one.answer)}`);
  else {
    const { accounts, repeated } = one.answer;
    const moved = accounts.map(
      ({ account, change, balance }) => `${account} ${plus(change)}, ${balance} now`,
    );
    const came = moved.length === 0 ? 'enrolled' : moved.join('; ');
    console.log(`${before}${one.file}: ${repeated ? 'was there before: ' : ''}${came}`);
  }
}

function summary(files: readonly string[], all: readonly Brought[]): string {
  const count = (state: Brought['state']): number => all.filter((one) => one.state === state).length;
  const part = (n: number, says: string): string[] => (n === 0 ? [] : [`${n} ${says}`]);
  const left = files.length - all.length;
  const parts = [
    ...[`${count('counts')} count`, ...part(count('before'), 'there before')],
    ...[...part(count('noEffect'), 'without effect'), ...part(count('refused'), 'refused')],
    ...part(left, 'not brought: the same command again brings them'),
  ];
  return `${files.length} decisions: ${parts.join(', ')}`;
}

/** In words, for what can become of a decision. */
const WORDS: Readonly<Record<string, string>> = {
  floor: 'the giver does not have so many minutes; once it does, write it down anew',
  welcomed: 'this account was welcomed before',
  notWelcome: 'a welcome is out of fund, with the minutes that timeband-gateway rules show says',
};

function because(answer: Submitted): string {
  const outcome = whyNot(answer) ?? '';
  const words = WORDS[outcome];
  return words === undefined ? outcome : `${words} (${outcome})`;
}

function describe(file: string, { event, record, repeated, approvedBy, accounts }: Submitted): string {
  const came = accounts.map(
    ({ account, outcome, change, balance }) =>
      `${account}: ${outcome}, ${plus(change)} minutes, ${balance} now`,
  );
  const head = `${file}: event ${event}, record ${record.seq} of ${record.device}, approved by ${approvedBy.join(' and ')}`;
  return [repeated ? `${head}; it was there before` : head, ...came.map((line) => `  ${line}`)].join('\n');
}

function plus(change: number): string {
  return `${change >= 0 ? '+' : ''}${change}`;
}
