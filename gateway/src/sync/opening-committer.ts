/**
 * The first event of an epoch that a restore began says from which head the log goes on: nothing of any device is
 * stored before it is (SPEC.md, Event).
 */
import type { Batch, CommittedBatch, Committer } from '../events/index.js';

export class OpeningCommitter {
  private opened: Promise<void> | undefined;

  /** @param open logs the opening; resolves once it is durable */
  constructor(
    private readonly committer: Pick<Committer, 'submit' | 'isOpen'>,
    private readonly open: () => Promise<void>,
  ) {}

  get isOpen(): boolean {
    return this.committer.isOpen;
  }

  /** As the committer's. Rejects where the opening could not be logged; it is tried again with the next batch. */
  async submit(batch: Batch): Promise<CommittedBatch> {
    this.opened ??= this.open();
    try {
      await this.opened;
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
    return this.committer.submit(batch);
  }
}
