/** `bandctl verify-proof`: whether a device signed a record, and what the record says. */
import type { Command } from 'commander';
import { type DeviceTime, fromHex } from '@timeband/protocol';
import { checkProof, type ProofReport, type ProofVerdict, reasonOf } from '../proof/check.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { anchorOptions, readTrust, type TrustOptions } from './trust.js';

interface VerifyProofOptions extends Omit<TrustOptions, 'gateway'> {
  readonly json?: true;
}

export function registerVerifyProof(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('verify-proof')
    .description('check offline that a device signed one record, and say what it says')
    .argument('<proof>', 'a file, or - for standard input; CBOR or its hexadecimal');
  anchorOptions(command)
    .option('--json', 'print the verdict as one JSON object')
    .addHelpText(
      'after',
      `
Ends with ${EXIT.ok} for a good proof and with ${EXIT.refused} for any other.
It shows what the device signed: not that it is true, and not when it happened.

Examples:
  bandctl verify-proof proof.cbor --issuer issuer.cwt
  timeband-gateway export --proof --device reader-1 --record 7 --config gateway.yaml | bandctl verify-proof - --issuer issuer.cwt`,
    )
    .action((input: string, options: VerifyProofOptions) => {
      const believed = readTrust(options);
      const bytes = input === '-' ? environment.readInput() : readFileOr(input, 'the proof');
      const verdict = checkProof(proofBytes(bytes), believed);
      environment.print(options.json === true ? jsonOf(verdict) : describe(verdict));
      finish(verdict.verdict === 'good' ? EXIT.ok : EXIT.refused);
    });
}

/** Hexadecimal as `export` prints it; a proof itself begins with a byte that is no text. */
function proofBytes(input: Uint8Array): Uint8Array {
  if (input.some((byte) => byte >= 0x80)) return input;
  const text = new TextDecoder().decode(input).trim();
  return /^([0-9a-f]{2})+$/i.test(text) ? fromHex(text) : input;
}

function jsonOf(verdict: ProofVerdict): string {
  return JSON.stringify(
    verdict.verdict === 'good'
      ? { verdict: 'good', ...verdict.report }
      : { verdict: 'refused', ...verdict.refusal },
  );
}

function describe(verdict: ProofVerdict): string {
  if (verdict.verdict === 'refused') {
    const { code, message } = verdict.refusal;
    return ['Do not trust this proof.', `  ${reasonOf(code)}`, `  (${code}: ${message})`].join('\n');
  }
  const { report } = verdict;
  const { device, site, seq, log, sealed, key } = report;
  return [
    `This proof is good: ${device} of ${site} signed this record.`,
    `  record: ${seq} of log ${log}`,
    `  what: ${whatOf(report)}`,
    `  clock of the device: ${clockOf(report.clock)}`,
    `  sealed: with records ${sealed.first} to ${sealed.last}, of which it shows no other`,
    `  key: ${key.thumbprint}, certified ${date(key.notBefore)} to ${date(key.expires)}`,
    '  It shows what was signed: not that it is true, and not when it happened.',
  ].join('\n');
}

function whatOf({ type, direction, service, tag, record }: ProofReport): string {
  if (type === null) return `bytes that are no record: ${record}`;
  if (direction === null) return type;
  const who = tag === null ? '' : ` of ${tag}`;
  return `check-${direction}${who}, service ${service ?? 0}`;
}

function clockOf(time: DeviceTime | null): string {
  if (time === null || time.quality === 'unset') return 'not set';
  const set = time.quality === 'set' ? `set ${time.age} s before` : 'running freely';
  return `${date(time.wall)} (${set})`;
}

function date(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000', '');
}
