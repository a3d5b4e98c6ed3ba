/**
 * Publishes retained state through aedes, one message after another and all at QoS 1: aedes drops a message that
 * reaches a client after one with a higher counter, as QoS 0 and QoS 1 published at once do.
 */
import type { Aedes } from 'aedes';

interface Waiting {
  payload: Uint8Array;
  readonly published: Promise<void>;
  readonly settle: (error?: Error) => void;
}

export class StatePublisher {
  /** In order; of a topic only the newest waits, so there are never more than there are topics. */
  private readonly waiting = new Map<string, Waiting>();
  private busy = false;
  private closed = false;

  constructor(private readonly aedes: Aedes) {}

  /**
   * Resolves when it is retained and handed to every live subscriber, or a newer state of this topic is. After
   * {@link close} nobody is there to hand it to, and it resolves too.
   */
  publish(topic: string, payload: Uint8Array): Promise<void> {
    const known = this.waiting.get(topic);
    if (known !== undefined) {
      known.payload = payload;
      return known.published;
    }
    const { promise, settle } = deferred();
    this.waiting.set(topic, { payload, published: promise, settle });
    this.next();
    return promise;
  }

  close(): void {
    this.closed = true;
  }

  private next(): void {
    const [first] = this.waiting;
    if (this.busy || first === undefined) return;
    const [topic, { payload, settle }] = first;
    this.waiting.delete(topic);
    this.busy = true;
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: true,
      dup: false,
    } as const;
    this.aedes.publish(packet, (error) => {
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
