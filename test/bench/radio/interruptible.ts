/** Ctrl-C ends the work of a benchmark, and not the cleaning up after it. */

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Cleans up after the work, however it ends. npm passes Ctrl-C on to those who got it already: it may come twice.
 * @throws Interrupted when this process was told to end before the work did
 */
export async function interruptible<Result>(
  work: () => Promise<Result>,
  cleanUp: () => Promise<void>,
): Promise<Result> {
  let interrupt = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => {
      reject(new Interrupted('the benchmark was interrupted'));
    };
  });
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    await cleanUp();
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}
