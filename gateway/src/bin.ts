#!/usr/bin/env node
/** timeband-gateway: the command of the box. */
import { Command, CommanderError } from 'commander';
import { CommandFailure } from './cli/ask-gateway.js';
import { registerBackup } from './cli/backup.js';
import { registerCertificate } from './cli/certificate.js';
import { registerCheck } from './cli/check.js';
import { registerDiagnose } from './cli/diagnose.js';
import { EXIT } from './cli/exit-codes.js';
import { registerExport } from './cli/export.js';
import { registerHead } from './cli/head.js';
import { registerInit } from './cli/init.js';
import { registerRegister } from './cli/register.js';
import { registerReceipt } from './cli/receipt.js';
import { registerReconcile } from './cli/reconcile.js';
import { registerRestore } from './cli/restore.js';
import { registerRun } from './cli/run.js';
import { registerSettings } from './cli/settings.js';
import { registerStatus } from './cli/status.js';
import { registerTls } from './cli/tls.js';
import { registerUpgrade } from './cli/upgrade.js';
import { registerUser } from './cli/user.js';
import { registerVerify } from './cli/verify.js';
import { BackupError } from './backup/index.js';
import { ControlError } from './ops/index.js';
import { BrokerError } from './broker/index.js';
import { ConfigError } from './config/index.js';
import { StoreError } from './store/index.js';
import { UpgradeError } from './upgrade/index.js';
import { VERSION } from './version.js';

const program = new Command('timeband-gateway')
  .description(
    'The box in a community centre: reads wristband readers, keeps what they recorded, publishes signed events',
  )
  .version(VERSION)
  .showHelpAfterError('(timeband-gateway --help shows what there is)')
  .exitOverride();
for (const register of [
  ...[registerInit, registerRun, registerCheck, registerSettings, registerStatus, registerUser, registerTls],
  ...[registerReceipt, registerHead, registerExport, registerRegister, registerCertificate],
  ...[registerReconcile, registerVerify, registerBackup, registerRestore, registerUpgrade, registerDiagnose],
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else if (error instanceof CommandFailure) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else if (error instanceof ControlError) {
    console.error(`The gateway could not do it: ${error.message}`);
    process.exitCode = EXIT.failed;
  } else if (isExpected(error)) {
    console.error(error.message);
    process.exitCode = EXIT.refused;
  } else {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exitCode = EXIT.failed;
  }
}

/** What a person can put right: settings, files, permissions, ports. Everything else is our fault and shows its stack. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof StoreError ||
    error instanceof BrokerError ||
    error instanceof UpgradeError ||
    error instanceof BackupError ||
    (error instanceof Error && 'syscall' in error)
  );
}
