/** Files that a command is given. */
import { readFileSync } from 'node:fs';
import { CommandFailure, EXIT } from './exit-codes.js';

/** Reads a file. @throws CommandFailure that says `what` cannot be read */
export function readFileOr(file: string, what: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandFailure(EXIT.notReachable, `cannot read ${what}: ${(error as Error).message}`);
  }
}
