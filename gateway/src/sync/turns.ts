/** A longer job that makes one request at a time, when whoever owns the link has time for it. */

export class Turns {
  private waiting: (() => void) | undefined;
  private pause: () => void = () => undefined;
  private running = false;

  /** Whether a job is under way. */
  get isRunning(): boolean {
    return this.running;
  }

  /** Begins a job that awaits {@link mine} before each request and never rejects. It gets nowhere before the first {@link next}. */
  start(job: () => Promise<void>): void {
    this.running = true;
    void this.mine()
      .then(job)
      .finally(() => {
        this.running = false;
        this.pause();
      });
  }

  /** For the job: resolves when it may make its next request. */
  readonly mine = (): Promise<void> => {
    this.pause();
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  };

  /** For the owner: lets the job make one request. Resolves when that is done. */
  async next(): Promise<void> {
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    const paused = new Promise<void>((resolve) => {
      this.pause = resolve;
    });
    waiting();
    await paused;
  }
}
