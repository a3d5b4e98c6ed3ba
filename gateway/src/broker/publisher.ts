/**
 * Publishes retained state and passing hints of the gateway, one message after another: of a state that changes faster than it
 * can be published only the newest counts.
 */
import type { Message } from './exchange.js';

interface Waiting {
  readonly topic: string;
  payload: Uint8Array;
  readonly retain: boolean;
  readonly published: Promise<void>;
  readonly settle: (error?: Error) => void;
}

/** Hints that wait at once: more could only be somebody's flood, and the first are the ones that help. */
const MAX_HINTS = 256;

export class Publisher {
  /** In order; of a retained topic only the newest waits, so that there are never more of them than there are topics. */
  private waiting: Waiting[] = [];
  private busy = false;
  private closed = false;

  constructor(private readonly publish: (message: Message, done: (error?: Error) => void) => void) {}

  /**
   * Resolves when it is retained and handed to every live subscriber, or a newer state of this topic is. After
   * {@link close} nobody is there to hand it to, and it resolves too.
   */
  retain(topic: string, payload: Uint8Array): Promise<void> {
    const known = this.waiting.find((other) => other.retain && other.topic === topic);
    if (known === undefined) return this.enqueue(topic, payload, true);
    known.payload = payload;
    return known.published;
  }

  /** Resolves when every live subscriber was handed it; at once where too many wait already. */
  pass(topic: string, payload: Uint8Array): Promise<void> {
    const hints = this.waiting.filter(({ retain }) => !retain).length;
    return hints < MAX_HINTS ? this.enqueue(topic, payload, false) : Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }

  private enqueue(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
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
      settle(this.closed ? undefined : error);
      this.next();
    });
  }
}

function deferred(): { promise: Promise<void>; settle: (error?: Error) => void } {
  let settle: (error?: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    };
  });
  return { promise, settle };
}
