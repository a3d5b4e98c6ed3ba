/** Passphrases of key files: from a file, or asked for on the terminal. Never from the command line, where others see it. */
import { readFileSync } from 'node:fs';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT } from './exit-codes.js';

/** The first line of a file. @throws CommandFailure */
export function readPassphraseFile(file: string): string {
  try {
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
    if (line !== '') return line;
  } catch (error) {
    throw new CommandFailure(EXIT.notReachable, `cannot read the passphrase: ${(error as Error).message}`);
  }
  throw new CommandFailure(EXIT.usage, `${file} has no passphrase on its first line`);
}

/** Asks twice, for a key that is being made. @throws CommandFailure when they differ, or nobody can be asked */
export async function askNewPassphrase(environment: Environment, what: string): Promise<string> {
  const first = await environment.askSecret(`Passphrase for ${what}: `);
  if (first === '') throw new CommandFailure(EXIT.usage, 'an empty passphrase protects nothing');
  if ((await environment.askSecret('The same again: ')) === first) return first;
  throw new CommandFailure(EXIT.usage, 'the passphrases differ; nothing was written');
}
