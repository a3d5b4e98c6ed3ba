/** Fills the sockets of all sessions in turn, and gives up those whose subscriber neither reads nor acknowledges. */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Counters } from '../ports.js';
import { Delivery, type DeliveryHost } from './delivery.js';

export interface PumpOptions {
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
  /** A socket that holds more unsent bytes gets nothing new. */
  readonly maxBuffered: number;
  /** A subscriber that is waited for this long is disconnected. */
  readonly stallMs: number;
  /** After this long the other work of the process has its turn. */
  readonly turnMs: number;
}

export interface PumpStats {
  /** Sessions that have a connection. */
  readonly attached: number;
  readonly sent: number;
  readonly inFlight: number;
}

export class Pump {
  private readonly host: DeliveryHost;
  private readonly attached = new Set<Delivery>();
  private readonly ready = new Set<Delivery>();
  private turn: NodeJS.Immediate | undefined;
  private cancelStallCheck: (() => void) | undefined;
  private sent = 0;

  constructor(private readonly options: PumpOptions) {
    this.host = {
      schedule: (delivery) => {
        this.schedule(delivery);
      },
      sent: (messages) => {
        this.sent += messages;
      },
      now: options.timers.now,
      maxBuffered: options.maxBuffered,
    };
  }

  open(account: string, clientId: string): Delivery {
    return new Delivery(account, clientId, this.host);
  }

  /** Sends to this socket until {@link detach}. */
  attach(delivery: Delivery, socket: NonNullable<Delivery['attachedTo']>): void {
    this.attached.add(delivery);
    delivery.attach(socket);
    this.watchForStalls();
  }

  detach(delivery: Delivery): void {
    this.attached.delete(delivery);
    this.ready.delete(delivery);
    delivery.detach();
  }

  close(): void {
    for (const delivery of [...this.attached]) this.detach(delivery);
    if (this.turn !== undefined) clearImmediate(this.turn);
    this.cancelStallCheck?.();
  }

  /** `sent` counts messages since the start. */
  stats(): PumpStats {
    const { attached, sent } = this;
    let inFlight = 0;
    for (const delivery of attached) inFlight += delivery.inFlight;
    return { attached: attached.size, sent, inFlight };
  }

  /** Gives up the connection of a subscriber; a durable session goes on when it is back. */
  evict(delivery: Delivery, cause: 'stalled' | 'queue'): void {
    const { account, clientId, inFlight } = delivery;
    this.options.counters.count('broker/evicted', cause);
    this.options.log.warn(
      { account, clientId, inFlight, cause },
      'a subscriber does not keep up; disconnected. A durable session goes on when it is back.',
    );
    delivery.attachedTo?.destroy();
  }

  private schedule(delivery: Delivery): void {
    this.ready.add(delivery);
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.run();
    });
  }

  /** One batch for each session that can go on, until the turn is over; who is left comes first in the next. */
  private run(): void {
    const { now } = this.options.timers;
    const end = now() + this.options.turnMs;
    for (const delivery of [...this.ready]) {
      if (now() > end) break;
      this.ready.delete(delivery);
      if (this.fill(delivery)) this.ready.add(delivery);
    }
    const [next] = this.ready;
    if (next !== undefined) this.schedule(next);
  }

  private fill(delivery: Delivery): boolean {
    try {
      return delivery.fill();
    } catch (error) {
      // What it is sent could not be read. The session is cut off, so that it starts again where it was.
      this.options.counters.count('broker/read');
      this.options.log.error(
        { err: error, account: delivery.account },
        'cannot read what a subscriber is due',
      );
      delivery.attachedTo?.destroy();
      return false;
    }
  }

  private watchForStalls(): void {
    const { timers, stallMs } = this.options;
    this.cancelStallCheck ??= timers.after(stallMs / 4, () => {
      this.cancelStallCheck = undefined;
      for (const delivery of this.attached) {
        const since = delivery.waitingSince;
        if (since !== undefined && timers.now() - since >= stallMs) this.evict(delivery, 'stalled');
      }
      if (this.attached.size > 0) this.watchForStalls();
    });
  }
}
