/** `bandctl verify-receipt`: whether a receipt is good, and what it says. */
import { type Command, Option } from 'commander';
import { isReceiptText } from '@timeband/protocol';
import { checkReceipt, type ReceiptVerdict } from '../receipt/check.js';
import { LANGUAGES, type Language } from '../receipt/language.js';
import { languageOf, linesOf, reasonOf, wordsOf } from '../receipt/words.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { readTrust, type TrustOptions, trustOptions } from './trust.js';

interface VerifyReceiptOptions extends TrustOptions {
  readonly lang?: Language;
  readonly json?: true;
}

export function registerVerifyReceipt(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('verify-receipt')
    .description('check a receipt offline, and say what it proves')
    .argument('<receipt>', 'a file, the text of a receipt (TB1:...), or - for standard input');
  trustOptions(command)
    .addOption(
      new Option('--lang <language>', 'what to answer in, by locale unless given').choices(LANGUAGES),
    )
    .option('--json', 'print the verdict as one JSON object')
    .addHelpText(
      'after',
      `
Ends with ${EXIT.ok} for a good receipt and with ${EXIT.refused} for any other.

Examples:
  bandctl verify-receipt receipt.cbor --issuer issuer.cwt
  bandctl verify-receipt 'TB1:...' --issuer issuer.cwt --root root.cwt --json`,
    )
    .action((input: string, options: VerifyReceiptOptions) => {
      const believed = readTrust(options);
      const verdict = checkReceipt(readReceipt(input, environment), believed);
      const language = options.lang ?? languageOf(environment.locale);
      environment.print(options.json === true ? jsonOf(verdict) : describe(verdict, language));
      finish(verdict.verdict === 'good' ? EXIT.ok : EXIT.refused);
    });
}

function readReceipt(input: string, environment: Environment): Uint8Array | string {
  if (isReceiptText(input)) return input;
  return input === '-' ? environment.readInput() : readFileOr(input, 'the receipt');
}

function jsonOf(verdict: ReceiptVerdict): string {
  return JSON.stringify(
    verdict.verdict === 'good'
      ? { verdict: 'good', ...verdict.report }
      : { verdict: 'refused', ...verdict.refusal },
  );
}

function describe(verdict: ReceiptVerdict, language: Language): string {
  const words = wordsOf(language);
  if (verdict.verdict === 'refused') {
    const { code, message } = verdict.refusal;
    return [words.refused, `  ${words.reasons[reasonOf(code)]}`, `  (${code}: ${message})`].join('\n');
  }
  const rows = linesOf(verdict.report, language);
  return [words.good, ...rows.map(([label, value]) => `  ${label}: ${value}`)].join('\n');
}
