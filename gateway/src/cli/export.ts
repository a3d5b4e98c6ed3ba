/** `timeband-gateway export`: evidence for somebody who does not trust this box, as a file. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ControlError } from '../ops/control.js';
import type { ProofAnswer } from '../ops/control-routes.js';
import { configOption } from './config-option.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { noteDeed } from './note-deed.js';
import { wholeNumber } from './receipt.js';

interface ExportOptions {
  readonly config: string;
  readonly proof: true;
  readonly device: string;
  readonly record: number;
  readonly epoch?: number;
  readonly out?: string;
  readonly json?: true;
}

const PATIENCE_MS = 10_000;

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('prove that a device signed one record, without showing any other')
    .addOption(configOption())
    .requiredOption('--proof', 'the proof of one record, up to the seal that its device signed')
    .requiredOption('--device <id>', 'the device that logged it')
    .requiredOption('--record <number>', 'its number in the log of the device', wholeNumber)
    .option(
      '--epoch <number>',
      'which log of the device; the newest that has the record unless given',
      wholeNumber,
    )
    .option('--out <file>', 'write its bytes there instead of printing them in hexadecimal')
    .option('--json', 'print device, record and the bytes in base64 as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not, or when it has no such record.
The proof holds the record itself and nothing of the others but their hashes.

Examples:
  timeband-gateway export --proof --device reader-1 --record 7 --out proof.cbor --config gateway.yaml
  bandctl verify-proof proof.cbor --issuer trust/issuer.cwt`,
    )
    .action(async (options: ExportOptions) => {
      const { device, record, out, json } = options;
      const bytes = await fetchProof(options);
      await noteDeed(options.config, 'export', { device, record });
      if (out !== undefined) writeFileSync(out, bytes);
      if (json === true) {
        console.log(JSON.stringify({ device, record, bytes: bytes.length, proof: bytes.toString('base64') }));
      } else if (out === undefined) {
        console.log(bytes.toString('hex'));
      } else {
        console.log(`proof of record ${record} of ${device}, ${bytes.length} bytes, in ${out}`);
      }
    });
}

async function fetchProof({ config, device, record, epoch }: ExportOptions): Promise<Buffer> {
  const query = { device, record, ...(epoch !== undefined && { epoch }) };
  try {
    const answer = await askGateway(config, { path: '/proof', query, timeoutMs: PATIENCE_MS });
    return Buffer.from((answer as ProofAnswer).proof, 'base64');
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw new CommandFailure(
      EXIT.notFound,
      `There is no record ${record} of ${device} in the store. It is there once its seal was verified: look at timeband-gateway status.`,
    );
  }
}
