/** `bandctl verify-head`: whether a head of an event log is good, and whether it continues an earlier one. */
import type { Command } from 'commander';
import {
  type Certificate,
  TimebandError,
  toHex,
  type TreeHead,
  verifyConsistency,
  verifyHead,
} from '@timeband/protocol';
import { refusalOf } from '../receipt/check.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { readTrust, type TrustOptions, trustOptions } from './trust.js';

interface VerifyHeadOptions extends TrustOptions {
  readonly earlier?: string;
  readonly json?: true;
}

export function registerVerifyHead(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('verify-head')
    .description("check a head of a gateway's event log, or that it continues an earlier one")
    .argument('<file>', 'the head; with --earlier the proof of continuation');
  trustOptions(command)
    .option('--earlier <file>', 'a head that was kept: nothing up to there may have changed since')
    .option('--json', 'print the verdict as one JSON object')
    .addHelpText(
      'after',
      `
Ends with ${EXIT.ok} when it holds and with ${EXIT.refused} when it does not: then keep both files, they are evidence.

Examples:
  bandctl verify-head head.cose --gateway gateway.cwt --issuer issuer.cwt
  bandctl verify-head since-1200.cose --earlier head.cose --gateway gateway.cwt --issuer issuer.cwt`,
    )
    .action((file: string, options: VerifyHeadOptions) => {
      const bytes = readFileOr(file, 'the head');
      const earlier =
        options.earlier === undefined ? undefined : readFileOr(options.earlier, 'the earlier head');
      try {
        const certificate = readGateway(options);
        const known = earlier && verifyHead(earlier, certificate);
        const head = known ? verifyConsistency(known, bytes, certificate) : verifyHead(bytes, certificate);
        environment.print(options.json === true ? jsonOf(head, known) : describe(head, known));
        finish(EXIT.ok);
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
        const refusal = refusalOf(error);
        environment.print(
          options.json === true
            ? JSON.stringify({ verdict: 'refused', ...refusal })
            : `Do not trust this head.\n  ${refusal.message} (${refusal.code})`,
        );
        finish(EXIT.refused);
      }
    });
}

function readGateway(options: TrustOptions): Certificate {
  const { trust, site, certificate } = readTrust(options);
  if (certificate === undefined)
    throw new CommandFailure(EXIT.usage, "a head needs its gateway's certificate: give --gateway FILE");
  return trust.verify(certificate, { roles: ['gateway'], site });
}

function jsonOf(head: TreeHead, known: TreeHead | undefined): string {
  const { root, ...claims } = head;
  return JSON.stringify({ verdict: 'good', ...claims, root: toHex(root), continues: known?.size ?? null });
}

function describe(head: TreeHead, known: TreeHead | undefined): string {
  const signed = new Date(head.issued * 1_000).toISOString();
  const lines = [
    'This head is good.',
    `  log: ${head.gateway} of ${head.site}, epoch ${head.epoch}`,
    `  events: ${head.size}`,
    `  root: ${toHex(head.root)}`,
    `  signed: ${signed}`,
  ];
  if (known !== undefined) lines.push(`  continues the head of ${known.size} events, none of them changed`);
  return lines.join('\n');
}
