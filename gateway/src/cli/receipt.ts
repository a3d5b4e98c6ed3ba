/** `timeband-gateway receipt`: the portable receipt of one event, as a file, as text or as a QR code. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { receiptToText } from '@timeband/protocol';
import { ControlError } from '../ops/control.js';
import type { ReceiptAnswer } from '../ops/control-routes.js';
import { configOption } from './config-option.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { drawQr, QR_FORMS, type QrForm } from './qr.js';

interface ReceiptOptions {
  readonly config: string;
  readonly seq?: number;
  readonly device?: string;
  readonly record?: number;
  readonly out?: string;
  readonly text?: true;
  readonly qr?: QrForm;
  readonly json?: true;
}

/** In a long log a record is looked for, and the tree is caught up with. */
const PATIENCE_MS = 60_000;

export function registerReceipt(program: Command): void {
  program
    .command('receipt')
    .description('make the receipt of one event, which anyone can check offline')
    .addOption(configOption())
    .option('--seq <number>', "the event's number", wholeNumber)
    .option('--device <id>', 'with --record: the device that logged it')
    .option('--record <number>', 'with --device: its number in the log of the device', wholeNumber)
    .option('--out <file>', 'write it there: CBOR, or what --text or --qr asks for')
    .option('--text', 'as text that begins with TB1: (what is printed when no --out is given)')
    .addOption(new Option('--qr <form>', 'as a QR code').choices(QR_FORMS).conflicts('text'))
    .addOption(new Option('--json', 'print number, bytes and text as JSON').conflicts(['text', 'qr', 'out']))
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not, or when there is no such event.
A receipt says what the record says. Give it to the person it is about.

Examples:
  timeband-gateway receipt --seq 42 --config gateway.yaml
  timeband-gateway receipt --device reader-1 --record 7 --qr svg --out receipt.svg --config gateway.yaml
  bandctl verify-receipt receipt.cbor --issuer trust/issuer.cwt`,
    )
    .action(async (options: ReceiptOptions) => {
      const { seq, bytes } = await fetchReceipt(options, program);
      const text = receiptToText(bytes);
      if (options.json === true) {
        console.log(JSON.stringify({ seq, bytes: bytes.length, text }));
        return;
      }
      const made = options.qr === undefined ? undefined : await draw(text, options.qr);
      if (options.out === undefined) {
        if (options.qr === 'png') program.error('error: a PNG needs --out FILE', { exitCode: EXIT.usage });
        console.log(made ?? text);
        return;
      }
      writeFileSync(options.out, made ?? (options.text === true ? `${text}\n` : bytes));
      console.log(`receipt of event ${seq}, ${bytes.length} bytes, in ${options.out}`);
    });
}

async function fetchReceipt(
  options: ReceiptOptions,
  program: Command,
): Promise<{ seq: number; bytes: Buffer }> {
  const { seq, device, record } = options;
  const query =
    seq !== undefined
      ? { seq }
      : device !== undefined && record !== undefined
        ? { device, record }
        : program.error('error: say which event: --seq N, or --device ID and --record N', {
            exitCode: EXIT.usage,
          });
  try {
    const answer = await askGateway(options.config, { path: '/receipt', query, timeoutMs: PATIENCE_MS });
    const { seq: found, receipt } = answer as ReceiptAnswer;
    return { seq: found, bytes: Buffer.from(receipt, 'base64') };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const what = seq === undefined ? `record ${record ?? 0} of ${device ?? ''}` : `event ${seq}`;
    throw new CommandFailure(
      EXIT.notFound,
      `There is no ${what}. A record becomes an event when its seal was verified: look at timeband-gateway status.`,
    );
  }
}

async function draw(text: string, form: QrForm): Promise<string | Buffer> {
  const drawn = await drawQr(text, form);
  if (drawn !== undefined) return drawn;
  throw new CommandFailure(
    EXIT.refused,
    `The receipt is too long for one QR code (${text.length} characters). Use --text or --out.`,
  );
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 31)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}
