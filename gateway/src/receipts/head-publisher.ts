/** Publishes the head of the event log when it has changed, at most once in a period and in the gateway's quiet time. */
import type { Timers } from '@timeband/protocol';
import { Rounds } from '../rounds.js';
import type { SignedHead } from './receipts.js';

export interface HeadPublisherOptions {
  readonly timers: Timers;
  readonly everyMs: number;
  /** The newest head; makes one where events came since. */
  readonly head: (restShare: number) => Promise<SignedHead | undefined>;
  /** Says whether it could be; where not, it goes on trying by itself. */
  readonly publish: (head: Uint8Array) => Promise<boolean>;
  readonly failed: (error: Error) => void;
}

/** At most a tenth of the time is worked, however many events came: taps come first. */
const REST_SHARE = 9;

export class HeadPublisher {
  private published: SignedHead | undefined;
  private readonly rounds: Rounds;

  constructor(private readonly options: HeadPublisherOptions) {
    this.rounds = new Rounds(() => this.look(), options.everyMs, options.timers);
  }

  /** Publishes now and from now on, until closed. */
  start(): void {
    this.rounds.start();
  }

  close(): void {
    void this.rounds.close();
  }

  private async look(): Promise<void> {
    try {
      const head = await this.options.head(REST_SHARE);
      if (head === undefined || head === this.published || this.rounds.isClosed) return;
      const isPublished = await this.options.publish(head.bytes);
      this.published = head;
      if (!isPublished) throw new Error('it could not be written');
    } catch (error) {
      if (!this.rounds.isClosed) this.options.failed(error as Error);
    }
  }
}
