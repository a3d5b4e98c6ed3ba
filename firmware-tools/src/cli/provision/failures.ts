/** What a program that ran us can rely on, for everything that can go wrong at a desk. */
import { LinkError, ProvisioningError, RegisterError, SmpError, TimebandError } from '@timeband/protocol';
import { ProvisionError } from '../../provision/index.js';
import { TargetError } from '../../target/index.js';
import { CommandFailure, EXIT, type ExitCode } from '../exit-codes.js';

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  if (error instanceof ProvisionError)
    return error.code === 'device/unknown' ? EXIT.notReachable : EXIT.refused;
  if (error instanceof ProvisioningError || error instanceof RegisterError) return EXIT.refused;
  if (error instanceof TargetError) return EXIT.notReachable;
  if (error instanceof LinkError) return error.code === 'link/open' ? EXIT.notReachable : EXIT.failed;
  if (error instanceof SmpError) return error.code === 'smp/device' ? EXIT.refused : EXIT.notReachable;
  return error instanceof TimebandError ? EXIT.refused : EXIT.failed;
}

/** Says it as the end of a command. @throws CommandFailure */
export function failWith(error: unknown, where: string): never {
  if (error instanceof CommandFailure) throw error;
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    error instanceof SmpError && error.code === 'smp/timeout'
      ? '. Is it switched on, and the right port? What was done stays done: run the same command again'
      : error instanceof LinkError && error.code === 'link/closed'
        ? '. What was done stays done: plug it in and run the same command again'
        : '';
  throw new CommandFailure(exitCodeOf(error), `${where}: ${message}${hint}`);
}
