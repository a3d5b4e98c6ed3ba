/** What `timeband-gateway` can do, in the order of its help. */
import { Command, CommanderError } from 'commander';
import { ExpectedError } from '../expected-error.js';
import { ControlError } from '../ops/control.js';
import { VERSION } from '../version.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

type Register = (program: Command) => void;

/** Each is loaded when it is asked for: most need a small part of the gateway, and loading all of it takes a second. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  init: async () => (await import('./init.js')).registerInit,
  run: async () => (await import('./run.js')).registerRun,
  check: async () => (await import('./check.js')).registerCheck,
  settings: async () => (await import('./settings.js')).registerSettings,
  status: async () => (await import('./status.js')).registerStatus,
  user: async () => (await import('./user.js')).registerUser,
  tls: async () => (await import('./tls.js')).registerTls,
  accounts: async () => (await import('./ledger.js')).registerAccounts,
  balance: async () => (await import('./ledger.js')).registerBalance,
  statement: async () => (await import('./ledger.js')).registerStatement,
  record: async () => (await import('./record.js')).registerRecord,
  figures: async () => (await import('./ledger.js')).registerFigures,
  lunch: async () => (await import('./lunch.js')).registerLunch,
  matters: async () => (await import('./matters.js')).registerMatters,
  matter: async () => (await import('./matters.js')).registerMatter,
  cases: async () => (await import('./cases.js')).registerCases,
  organisation: async () => (await import('./organisation.js')).registerOrganisation,
  resident: async () => (await import('./resident.js')).registerResident,
  'audit-trail': async () => (await import('./audit-trail.js')).registerAuditTrail,
  submit: async () => (await import('./submit.js')).registerSubmit,
  rules: async () => (await import('./rules.js')).registerRules,
  catalogue: async () => (await import('./catalogue.js')).registerCatalogue,
  receipt: async () => (await import('./receipt.js')).registerReceipt,
  head: async () => (await import('./head.js')).registerHead,
  export: async () => (await import('./export.js')).registerExport,
  register: async () => (await import('./register.js')).registerRegister,
  certificate: async () => (await import('./certificate.js')).registerCertificate,
  reconcile: async () => (await import('./reconcile.js')).registerReconcile,
  verify: async () => (await import('./verify.js')).registerVerify,
  backup: async () => (await import('./backup.js')).registerBackup,
  restore: async () => (await import('./restore.js')).registerRestore,
  upgrade: async () => (await import('./upgrade.js')).registerUpgrade,
  diagnose: async () => (await import('./diagnose.js')).registerDiagnose,
};

/** @param argv as `process.argv` has it @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await (await buildProgram(argv[2])).parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (error instanceof CommandFailure) {
      console.error(error.message);
      return error.exitCode;
    }
    if (error instanceof ControlError) {
      console.error(`The gateway could not do it: ${error.message}`);
      return EXIT.failed;
    }
    // A file or a port that the system refuses is for a person to put right too; its message names it.
    if (error instanceof ExpectedError || (error instanceof Error && 'syscall' in error)) {
      console.error(error.message);
      return EXIT.refused;
    }
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return EXIT.failed;
  }
}

/** With the one command that is asked for, or with all where that is none of them: for the help, and for a mistyped one. */
async function buildProgram(asked = ''): Promise<Command> {
  const program = new Command('timeband-gateway')
    .description(
      'The box in a community centre: reads wristband readers, keeps what they recorded, publishes signed events',
    )
    .version(VERSION)
    .showHelpAfterError('(timeband-gateway --help shows what there is)')
    .exitOverride();
  const names = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of names) (await COMMANDS[name]?.())?.(program);
  return program;
}
