/** Asks a person at the terminal for something that must not stand on the screen. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

/** @param otherwise what to do where nobody can be asked @throws CommandFailure without a terminal, or at Ctrl-C */
export async function askSecret(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandFailure(EXIT.usage, `${question}? There is no terminal to ask at: ${otherwise}`);
  }
  process.stderr.write(`${question}: `);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => {
        reject(new CommandFailure(EXIT.refused, 'given up; nothing was changed'));
      });
      terminal.once('line', resolve);
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
