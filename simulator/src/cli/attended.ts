/** What every long-running simulation has in common at the terminal: commands a line, a time to end by, Ctrl-C. */
import { createInterface } from 'node:readline';
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.js';

export interface Attended {
  /** Ends by itself after so many milliseconds. */
  readonly forMs?: number | undefined;
  /** Does what a line of standard input says. `quit` ends the run. */
  readonly line: (line: string, quit: () => void) => void;
}

/** Resolves when it was told to end: by a line, a signal, the time, or because nobody reads its output any more. */
export async function attended({ forMs, line }: Attended): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((end) => {
      process.once('SIGINT', end);
      process.once('SIGTERM', end);
      process.stdout.on('error', end);
      if (forMs !== undefined) timer = setTimeout(end, forMs);
      lines.on('line', (text) => {
        line(text, end);
      });
    });
  } finally {
    clearTimeout(timer);
    lines.close();
    process.stdin.destroy();
  }
}

/** Prints faults by name with what they do, and ends the program. */
export function listFaults(faults: Readonly<Record<string, { readonly description: string }>>): never {
  const width = Math.max(...Object.keys(faults).map((name) => name.length));
  for (const [name, { description }] of Object.entries(faults)) {
    console.log(`${name.padEnd(width)}  ${description}`);
  }
  throw new CommanderError(EXIT.ok, 'bandsim.faultsListed', 'faults listed');
}
