/** `timeband-gateway head`: the signed head of the event log, and the proof that it continues an earlier one. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ControlError } from '../ops/control.js';
import type { ConsistencyAnswer, HeadAnswer } from '../ops/control-routes.js';
import { configOption } from './config-option.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { wholeNumber } from './receipt.js';

const PATIENCE_MS = 60_000;

export function registerHead(program: Command): void {
  program
    .command('head')
    .description('make the signed head of the event log, or the proof that it continues an earlier one')
    .addOption(configOption())
    .option(
      '--since <size>',
      'instead: the proof that the log continues a head of this many events',
      wholeNumber,
    )
    .option('--out <file>', 'write its bytes there instead of printing them in hexadecimal')
    .addHelpText(
      'after',
      `
Who keeps a head can show later whether the log was rewritten. Keep heads outside of this box.

Examples:
  timeband-gateway head --out head.cose --config gateway.yaml
  timeband-gateway head --since 1200 --out since-1200.cose --config gateway.yaml
  bandctl verify-head since-1200.cose --earlier head.cose --gateway gateway.cwt --issuer issuer.cwt`,
    )
    .action(async ({ config, since, out }: { config: string; since?: number; out?: string }) => {
      const bytes = since === undefined ? await askHead(config) : await askConsistency(config, since);
      if (out === undefined) console.log(bytes.toString('hex'));
      else {
        writeFileSync(out, bytes);
        console.log(`${bytes.length} bytes in ${out}`);
      }
    });
}

async function askHead(config: string): Promise<Buffer> {
  const answer = await ask(config, '/head', {}, 'There is no event yet.');
  return Buffer.from((answer as HeadAnswer).head, 'base64');
}

async function askConsistency(config: string, from: number): Promise<Buffer> {
  const answer = await ask(config, '/consistency', { from }, `There are fewer than ${from} events.`);
  return Buffer.from((answer as ConsistencyAnswer).receipt, 'base64');
}

async function ask(
  config: string,
  path: string,
  query: Record<string, number>,
  none: string,
): Promise<unknown> {
  try {
    return await askGateway(config, { path, query, timeoutMs: PATIENCE_MS });
  } catch (error) {
    throw error instanceof ControlError ? new CommandFailure(EXIT.notFound, none) : error;
  }
}
