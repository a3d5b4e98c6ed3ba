/** Many writes in one transaction: a commit means the disk, and one disk write serves all that came in a turn of the loop. */

/** What writes, and what follows once it is on disk; with an error where it could not be. */
interface Write {
  readonly work: () => void;
  readonly done: (error?: Error) => void;
}

/** Writes of one transaction, so that none holds the loop for long. */
const AT_ONCE = 2_048;

export class GroupCommit {
  private writes: Write[] = [];
  private turn: NodeJS.Immediate | undefined;

  /**
   * @param transaction runs a function in one transaction that is on disk when it returns
   * @param failed is told of each transaction that was not possible
   */
  constructor(
    private readonly transaction: (work: () => void) => void,
    private readonly failed: (error: Error) => void,
  ) {}

  /**
   * Writes with others, soon. Each `done` is called in a turn of its own, in the order in which they were added: so what
   * it starts has come as far as it can without waiting before the next begins.
   */
  add(work: () => void, done: (error?: Error) => void): void {
    this.writes.push({ work, done });
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.commit();
    });
  }

  /** As {@link add}. */
  write(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(work, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Writes now what is waiting. */
  flush(): void {
    if (this.turn !== undefined) clearImmediate(this.turn);
    this.turn = undefined;
    while (this.writes.length > 0) this.commit();
  }

  private commit(): void {
    const writes = this.writes.splice(0, AT_ONCE);
    if (this.writes.length > 0)
      this.turn ??= setImmediate(() => {
        this.turn = undefined;
        this.commit();
      });
    let failure: Error | undefined;
    try {
      this.transaction(() => {
        for (const { work } of writes) work();
      });
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      this.failed(failure);
    }
    for (const { done } of writes) setImmediate(done, failure);
  }
}
