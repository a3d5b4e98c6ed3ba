/** Many writes in one transaction: a commit means the disk, and one disk write serves all that came in a turn of the loop. */
import type { Timers } from '@timeband/protocol';

/** What the memory has to learn once a write is on disk. */
export type Effect = () => void;

interface Write {
  /** Runs within the transaction. */
  readonly work: () => Effect | undefined;
  /** Called after the effects of all writes of the transaction; with an error where it could not be. */
  readonly done: (error?: Error) => void;
}

/** Writes of one transaction, so that none holds the loop for long. */
const AT_ONCE = 2_048;
/** How long what nobody waits for may wait for a transaction to go along with. */
const LAZY_MS = 250;

const nothing = (): void => undefined;

export class GroupCommit {
  private writes: Write[] = [];
  private lazy: Write[] = [];
  private turn: NodeJS.Immediate | undefined;
  private cancelLazy: (() => void) | undefined;

  /**
   * @param transaction runs a function in one transaction that is on disk when it returns
   * @param failed is told of each transaction that was not possible
   */
  constructor(
    private readonly transaction: (work: () => void) => void,
    private readonly timers: Timers,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Writes in the next turn of the loop, together with all others of this one. Writes and answers keep their order. */
  add(work: Write['work'], done: Write['done'] = nothing): void {
    this.writes.push({ work, done });
    this.schedule();
  }

  /** As {@link add}. */
  write(work: Write['work']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(work, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Writes with the next transaction, or soon. Nobody waits for it. */
  addLazily(work: Write['work']): void {
    this.lazy.push({ work, done: nothing });
    this.cancelLazy ??= this.timers.after(LAZY_MS, () => {
      this.cancelLazy = undefined;
      this.commit();
    });
  }

  /** Writes now what is waiting. */
  flush(): void {
    while (this.writes.length + this.lazy.length > 0) this.commit();
  }

  private schedule(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.commit();
    });
  }

  private commit(): void {
    const writes = [...this.lazy.splice(0), ...this.writes.splice(0, AT_ONCE)];
    this.cancelLazy?.();
    this.cancelLazy = undefined;
    if (this.writes.length > 0) this.schedule();
    else if (this.turn !== undefined) {
      clearImmediate(this.turn);
      this.turn = undefined;
    }
    if (writes.length === 0) return;
    const effects: Effect[] = [];
    let failure: Error | undefined;
    try {
      this.transaction(() => {
        for (const { work } of writes) {
          const effect = work();
          if (effect !== undefined) effects.push(effect);
        }
      });
      for (const effect of effects) effect();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      this.failed(failure);
    }
    for (const { done } of writes) done(failure);
  }
}
