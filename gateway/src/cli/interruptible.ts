/** Long work that Ctrl-C ends cleanly: what was begun is taken away again. */
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

/** @param work asks `goOn` now and then, which throws once somebody wants it to end */
export async function interruptible<T>(work: (goOn: () => void) => Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, end);
  try {
    return await work(() => {
      if (isOver) throw new CommandFailure(EXIT.failed, 'Interrupted: nothing was kept.');
    });
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}
