/** The `bandctl` program: its commands, and what its exit codes mean. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ImageError } from '../image/errors.js';
import { TargetError } from '../target/target.js';
import { type Environment, realEnvironment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';

type Register = (program: Command, environment: Environment, finish: (exitCode: ExitCode) => void) => void;

/** Each is loaded when it is asked for: most need a small part of the tools, and loading all of them takes a second. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  scan: async () => (await import('./scan.js')).registerScan,
  info: async () => (await import('./info.js')).registerInfo,
  logs: async () => (await import('./logs.js')).registerLogs,
  clock: async () => (await import('./clock.js')).registerClock,
  doctor: async () => (await import('./doctor.js')).registerDoctor,
  trace: async () => (await import('./trace.js')).registerTrace,
  decode: async () => (await import('./decode.js')).registerDecode,
  provision: async () => (await import('./provision/devices.js')).registerProvision,
  station: async () => (await import('./provision/station.js')).registerStation,
  replace: async () => (await import('./provision/devices.js')).registerReplace,
  revoke: async () => (await import('./provision/site.js')).registerRevoke,
  wipe: async () => (await import('./provision/devices.js')).registerWipe,
  certify: async () => (await import('./provision/site.js')).registerCertify,
  register: async () => (await import('./provision/site.js')).registerRegister,
  draft: async () => (await import('./draft.js')).registerDraft,
  approve: async () => (await import('./approve.js')).registerApprove,
  'verify-batch': async () => (await import('./provision/verify-batch.js')).registerVerifyBatch,
  image: async () => (await import('./image/index.js')).registerImage,
  update: async () => (await import('./update.js')).registerUpdate,
  conform: async () => (await import('./conform/index.js')).registerConform,
  'verify-receipt': async () => (await import('./verify-receipt.js')).registerVerifyReceipt,
  'verify-head': async () => (await import('./verify-head.js')).registerVerifyHead,
  'verify-proof': async () => (await import('./verify-proof.js')).registerVerifyProof,
  'receipt-page': async () => (await import('./receipt-page.js')).registerReceiptPage,
  completion: async () => {
    const { registerCompletion } = await import('./completion/index.js');
    return (program, environment) => {
      registerCompletion(program, environment, () => buildProgram(undefined, environment));
    };
  },
};

/** Runs a command line, `argv` as in `process.argv`. Returns the exit code. */
export async function run(
  argv: readonly string[],
  environment: Environment = realEnvironment,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  try {
    const program = await buildProgram(argv[2], environment, finish);
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

/** With the one command that is asked for, or with all where that is none of them: for the help, and for a mistyped one. */
export async function buildProgram(
  asked: string | undefined,
  environment: Environment,
  finish: (exitCode: ExitCode) => void = () => undefined,
): Promise<Command> {
  const program = new Command('bandctl')
    .description(
      'Looks after Timeband devices: finds, inspects, provisions and updates them, signs firmware images, examines\n' +
        'whether one does what the specification says, decodes what is on the wire, checks receipts and proofs.',
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
  const names = asked !== undefined && Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of names) (await COMMANDS[name]?.())?.(program, environment, finish);
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}
