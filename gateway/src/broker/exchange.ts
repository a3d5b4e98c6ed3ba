/**
 * Where every message that is published goes: to the mailboxes of those who subscribed to its topic, and to what is retained.
 * All that has to be kept is on disk before the publisher hears of it (MQTT 3.1.1 §4.3), and then the memory follows at once: a
 * subscriber that comes in between neither misses a message nor gets it twice.
 */
import type { Logger } from 'pino';
import type { Pump } from './delivery/pump.js';
import type { RetainedMessages } from './persistence/retained.js';
import type { Counters } from './ports.js';
import type { Effect, GroupCommit } from './queue/group-commit.js';
import { sizeOf, type Waiting } from './queue/mailbox.js';
import type { Session, Sessions } from './session.js';
import type { Qos } from './subscriptions.js';

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  /**
   * `state`: what the gateway says of itself, anew at each start, and of which only the newest matters. `hint`: for
   * whoever is connected now, and nobody later.
   */
  readonly kind?: 'state' | 'hint' | undefined;
}

export interface ExchangeOptions {
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly commits: GroupCommit;
  readonly pump: Pump;
  readonly log: Logger;
  readonly counters: Counters;
}

type Delivered = readonly [session: Session, row: Waiting];

export class Exchange {
  /** Sessions whose mailbox was full the last time: one log line a time is enough. */
  private readonly full = new WeakSet<Session>();

  constructor(private readonly options: ExchangeOptions) {}

  /**
   * @param done called when all that has to be is on disk, or with an error when that was not possible and nothing happened
   * @param along written in the same transaction
   */
  publish(message: Message, done: (error?: Error) => void, along?: () => Effect | undefined): void {
    let delivered: readonly Delivered[] = [];
    const write = () => {
      const alongEffect = along?.();
      const retained = this.retain(message);
      delivered = this.put(message);
      return () => {
        alongEffect?.();
        retained?.();
        for (const [session, row] of delivered) {
          session.mailbox.admit(row, { state: message.kind === 'state' });
          session.delivery.wake();
        }
      };
    };
    this.options.commits.add(write, (error) => {
      if (error !== undefined) withdraw(delivered);
      done(error);
    });
  }

  /** To one session, what was retained when it subscribed. */
  deliverRetained(session: Session, message: Omit<Message, 'retain'>): void {
    const granted = session.subscriptions.qosFor(message.topic);
    if (granted === undefined || !this.hasRoom(session, message, granted)) return;
    const qos = Math.min(granted, message.qos);
    let delivered: readonly Delivered[] = [];
    const write = () => {
      const row = session.mailbox.prepare({ ...message, qos, retain: true });
      delivered = [[session, row]];
      return () => {
        session.mailbox.admit(row);
        session.delivery.wake();
      };
    };
    this.options.commits.add(write, (error) => {
      if (error !== undefined) withdraw(delivered);
    });
  }

  private put(message: Message): Delivered[] {
    const { topic, payload, kind } = message;
    const delivered: Delivered[] = [];
    const passing = kind === 'hint';
    for (const { session, qos: granted } of this.options.sessions.recipientsOf(topic)) {
      const qos = Math.min(granted, message.qos) as Qos;
      if (session.client === undefined && (qos === 0 || passing)) continue;
      if (!this.hasRoom(session, message, qos)) continue;
      const row = session.mailbox.prepare({ topic, payload, qos, retain: false, passing });
      delivered.push([session, row]);
    }
    return delivered;
  }

  private hasRoom(session: Session, message: Pick<Message, 'topic' | 'payload'>, qos: Qos): boolean {
    if (session.mailbox.hasRoom(sizeOf(message))) {
      this.full.delete(session);
      return true;
    }
    const { log, counters, pump } = this.options;
    counters.count('broker/dropped', qos === 0 ? 'qos-0' : 'queue');
    if (qos === 0 || this.full.has(session)) return false;
    this.full.add(session);
    const { account, clientId, stored, mailbox } = session;
    if (stored === undefined) pump.evict(session.delivery, 'queue');
    else {
      const what = 'too much waits for a durable session: what comes now is dropped until its client is back';
      log.warn({ account, clientId, ...mailbox.size }, what);
    }
    return false;
  }

  private retain(message: Message): Effect | undefined {
    if (!message.retain) return undefined;
    const { retained, counters, log } = this.options;
    const { topic, payload, qos, kind } = message;
    if (payload.length > 0 && kind !== 'state' && !retained.hasRoom(topic)) {
      counters.count('broker/dropped', 'retained');
      log.warn(
        { retained: retained.size },
        'too many topics are retained: one more is passed on and not kept',
      );
      return undefined;
    }
    const kept = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: true } as const;
    return retained.put(kept, kind !== 'state');
  }
}

/** What could not be written does not wait. */
function withdraw(delivered: readonly Delivered[]): void {
  for (const [session, row] of delivered) session.mailbox.withdraw(row);
}
