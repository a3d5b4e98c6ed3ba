/** The `bandctl` program: its commands, and what its exit codes mean. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ImageError } from '../image/index.js';
import { TargetError } from '../target/index.js';
import { type Environment, realEnvironment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { registerApprove, registerDraft } from './approve.js';
import { registerConform } from './conform/index.js';
import { registerImage } from './image/index.js';
import { registerInfo } from './info.js';
import { registerProvision, registerReplace, registerWipe } from './provision/devices.js';
import { registerCertify, registerRegister, registerRevoke } from './provision/site.js';
import { registerStation } from './provision/station.js';
import { registerVerifyBatch } from './provision/verify-batch.js';
import { registerReceiptPage } from './receipt-page.js';
import { registerScan } from './scan.js';
import { registerUpdate } from './update.js';
import { registerVerifyHead } from './verify-head.js';
import { registerVerifyProof } from './verify-proof.js';
import { registerVerifyReceipt } from './verify-receipt.js';

const COMMANDS = [
  registerInfo,
  registerProvision,
  registerStation,
  registerReplace,
  registerRevoke,
  registerWipe,
  registerCertify,
  registerRegister,
  registerDraft,
  registerApprove,
  registerVerifyBatch,
  registerImage,
  registerScan,
  registerUpdate,
  registerConform,
  registerVerifyReceipt,
  registerVerifyHead,
  registerVerifyProof,
  registerReceiptPage,
] as const;

/** Runs a command line, `argv` as in `process.argv`. Returns the exit code. */
export async function run(
  argv: readonly string[],
  environment: Environment = realEnvironment,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = new Command('bandctl')
    .description(
      'Looks after Timeband devices: finds, inspects, provisions and updates them, signs firmware images, examines\n' +
        'whether one does what the specification says, checks receipts and proofs. Logs are still to come.',
    )
    .version(version())
    .enablePositionalOptions() // images have versions too
    .configureOutput({
      writeOut: (text) => {
        environment.print(text.trimEnd());
      },
      writeErr: (text) => {
        environment.complain(text.trimEnd());
      },
    })
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Exit codes:
  0 done   2 wrong usage   3 not found or not reachable   4 refused   5 failed part-way

Example:
  bandctl info --port /dev/ttyUSB0
  bandctl verify-receipt receipt.cbor --issuer issuer.cwt`,
    );
  for (const register of COMMANDS) {
    register(program, environment, (code) => {
      exitCode = code;
    });
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    environment.complain(`bandctl: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof TargetError) return EXIT.notReachable;
    if (error instanceof ImageError) return error.code === 'image/option' ? EXIT.usage : EXIT.refused;
    return error instanceof CommandFailure ? error.exitCode : EXIT.failed;
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}
