/** Lets a longer job make one request at a time, when whoever owns the link has time for it. */

export class Turns {
  private grant: (() => void) | undefined;
  private pause: () => void = () => undefined;
  private running = false;
  private wanted: () => void = () => undefined;

  /** Whether a job is under way. */
  get isRunning(): boolean {
    return this.running;
  }

  /** Begins a job, which awaits {@link mine} before each of its requests and never rejects. */
  start(job: () => Promise<void>): void {
    this.running = true;
    void job().finally(() => {
      this.running = false;
      this.pause();
      this.wanted();
    });
  }

  /** For the job: resolves when it may make its next request. */
  readonly mine = (): Promise<void> => {
    this.pause();
    return new Promise((resolve) => {
      this.grant = resolve;
      this.wanted();
    });
  };

  /** For the owner: resolves when the job wants a turn, or there is none. */
  whenWanted(): Promise<void> {
    if (this.grant !== undefined || !this.running) return Promise.resolve();
    return new Promise((resolve) => {
      this.wanted = resolve;
    });
  }

  /** For the owner: lets the job make one request. Resolves when that is done, with whether the job wanted one. */
  async next(): Promise<boolean> {
    const { grant } = this;
    if (grant === undefined) return false;
    this.grant = undefined;
    const paused = new Promise<void>((resolve) => {
      this.pause = resolve;
    });
    grant();
    await paused;
    return true;
  }
}
