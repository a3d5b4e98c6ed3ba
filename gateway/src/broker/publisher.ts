/**
 * Publishes retained state and passing hints of the gateway, one message after another: of a state that changes faster than it
 * can be published only the newest counts. Nothing here rejects: that a disk is full must end neither the gateway nor what it
 * says of itself, so a state that could not be written is tried again until it is, and a hint is given up.
 */
import type { Timers } from '@timeband/protocol';
import type { Message } from './exchange.js';

interface Waiting {
  readonly topic: string;
  payload: Uint8Array;
  readonly retain: boolean;
  readonly published: Promise<boolean>;
  readonly settle: (isPublished: boolean) => void;
}

/** Hints that wait at once: more could only be somebody's flood, and the first are the ones that help. */
const MAX_HINTS = 256;
const RETRY_MS = 5_000;

export class Publisher {
  /** In order; of a retained topic only the newest waits, so that there are never more of them than there are topics. */
  private waiting: Waiting[] = [];
  /** The states that could not be written, by their topic. */
  private readonly failed = new Map<string, Uint8Array>();
  private cancelRetry: (() => void) | undefined;
  private busy = false;
  private closed = false;

  /** @param publish reports its failures itself */
  constructor(
    private readonly publish: (message: Message, done: (error?: Error) => void) => void,
    private readonly timers: Timers,
  ) {}

  /**
   * Resolves with true when it is retained and handed to every live subscriber, or a newer state of this topic is; with false
   * when it could not be written, and is tried again later. After {@link close} nobody is there to hand it to.
   */
  retain(topic: string, payload: Uint8Array): Promise<boolean> {
    this.failed.delete(topic);
    const known = this.waiting.find((other) => other.retain && other.topic === topic);
    if (known === undefined) return this.enqueue(topic, payload, true);
    known.payload = payload;
    return known.published;
  }

  /** Resolves when every live subscriber was handed it (true) or that is given up; at once where too many wait already. */
  pass(topic: string, payload: Uint8Array): Promise<boolean> {
    const hints = this.waiting.filter(({ retain }) => !retain).length;
    return hints < MAX_HINTS ? this.enqueue(topic, payload, false) : Promise.resolve(false);
  }

  close(): void {
    this.closed = true;
    this.cancelRetry?.();
  }

  private enqueue(topic: string, payload: Uint8Array, retain: boolean): Promise<boolean> {
    const { promise, settle } = deferred();
    this.waiting.push({ topic, payload, retain, published: promise, settle });
    this.next();
    return promise;
  }

  private next(): void {
    if (this.busy) return;
    const first = this.waiting.shift();
    if (first === undefined) return;
    const { topic, payload, retain, settle } = first;
    this.busy = true;
    const kind = retain ? 'state' : 'hint';
    const message: Message = { topic, payload: Buffer.from(payload), qos: 1, retain, kind };
    this.publish(message, (error) => {
      this.busy = false;
      if (error !== undefined && retain) this.tryAgain(topic, payload);
      settle(error === undefined);
      this.next();
    });
  }

  private tryAgain(topic: string, payload: Uint8Array): void {
    if (this.closed || this.waiting.some((newer) => newer.retain && newer.topic === topic)) return;
    this.failed.set(topic, payload);
    this.cancelRetry ??= this.timers.after(RETRY_MS, () => {
      this.cancelRetry = undefined;
      for (const [failedTopic, state] of [...this.failed]) void this.retain(failedTopic, state);
    });
  }
}

function deferred(): { promise: Promise<boolean>; settle: (isPublished: boolean) => void } {
  let settle: (isPublished: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
