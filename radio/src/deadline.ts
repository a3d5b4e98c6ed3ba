/** Deadlines on what may never settle: noble has none of its own. */
import { LinkError, type Timers } from '@timeband/protocol';

/** The result of `promise`, or a LinkError when there is none after `ms`. */
export function within<Result>(
  timers: Timers,
  ms: number,
  what: string,
  promise: Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => {
      reject(new LinkError('link/open', `${what} took longer than ${ms} ms`));
    });
    void promise.then(resolve, reject).finally(cancel);
  });
}

/** A pause that ends after its time, or when it is woken. */
export class Pause {
  private wakeUp: () => void = () => undefined;

  constructor(private readonly timers: Timers) {}

  take(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.timers.after(ms, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
    });
  }

  wake(): void {
    this.wakeUp();
  }
}
