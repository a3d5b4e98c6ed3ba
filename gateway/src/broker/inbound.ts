/** What clients publish, and the wills they leave: whether they may, how fast, and that a message of QoS 2 counts once. */
import type { Timers } from '@timeband/protocol';
import type { Client, PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import type { Acl, Login } from './acl.js';
import { isWillOf } from './aedes-internals.js';
import type { Exchange, Message } from './exchange.js';
import type { BrokerLimits } from './limits.js';
import type { Incoming } from './persistence/incoming.js';
import type { Will, Wills } from './persistence/wills.js';
import { Pace } from './pace.js';
import type { Counters } from './ports.js';
import type { GroupCommit } from './queue/group-commit.js';
import { shown } from './shown.js';

/** Takes what an account published on a topic that the gateway itself serves. Resolves when it was dealt with. */
export type Served = (account: string, topic: string, payload: Buffer) => Promise<void> | undefined;

export interface InboundOptions {
  readonly acl: Acl;
  readonly served?: Served | undefined;
  readonly exchange: Exchange;
  readonly incoming: Incoming;
  readonly wills: Wills;
  readonly commits: GroupCommit;
  readonly limits: Pick<BrokerLimits, 'publishPerSecond' | 'incoming'>;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
  /** Is told of what a client has published, once it is on disk. */
  readonly published?: ((login: Login, message: Message) => void) | undefined;
}

type Done = (error?: Error) => void;

export class Inbound {
  private readonly logins = new WeakMap<Client, Login>();
  private readonly paces = new Map<Client, Pace>();

  constructor(private readonly options: InboundOptions) {}

  admitted(client: Client, login: Login): void {
    this.logins.set(client, login);
  }

  left(client: Client): void {
    this.paces.delete(client); // what it has sent before it left goes on at its pace
  }

  close(): void {
    for (const pace of this.paces.values()) pace.close();
  }

  /**
   * A PUBLISH has come in, or a will is due.
   *
   * @param done called when it is on disk; an error ends the connection, since MQTT 3.1.1 has no other way to refuse
   */
  receive(client: Client | null, packet: PublishPacket, done: Done): void {
    const { acl, counters } = this.options;
    const login = client === null ? undefined : this.logins.get(client);
    const { topic, retain } = packet;
    if (client === null || login === undefined) {
      done(new Error('nobody may publish that is not logged in'));
    } else if (topic.startsWith('$')) {
      // The server's own (§4.7.2). A client that tries is acknowledged, and that is all.
      counters.count('broker/publish-denied', 'server');
      this.options.commits.add(() => undefined, done);
    } else if (!acl.mayPublish(login, topic, retain)) {
      counters.count('broker/publish-denied');
      done(new Error(`${login.account} may not publish on ${shown(topic)}`));
    } else if (isWillOf(client, packet)) {
      this.execute(client.id, packet as Will, done);
    } else {
      this.paced(client, () => {
        this.accept(client, login, packet, done);
      });
    }
  }

  /** Publishes the wills that an earlier run of the broker left, by accounts as they are now. */
  executeInherited(loginOf: (account: string) => Login | undefined): void {
    for (const { clientId, will } of this.options.wills.all()) {
      const login = loginOf(clientId.slice(0, clientId.indexOf('/')));
      if (login !== undefined && this.options.acl.mayPublish(login, will.topic, will.retain)) {
        this.execute(clientId, will, () => undefined);
        continue;
      }
      this.options.counters.count('broker/publish-denied', 'will');
      this.options.commits.add(this.options.wills.remove(clientId));
    }
  }

  /** The will is void in the same transaction in which it is executed. */
  private execute(clientId: string, will: Will, done: Done): void {
    const { wills, exchange } = this.options;
    const isKept = wills.get(clientId)?.will === will; // not that of a connection that took over
    const { topic, qos, retain } = will;
    const message: Message = { topic, payload: Buffer.from(will.payload), qos, retain };
    exchange.publish(message, done, isKept ? wills.remove(clientId) : undefined);
  }

  private accept(client: Client, login: Login, packet: PublishPacket, done: Done): void {
    const { topic, qos, retain, messageId = 0 } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const served = this.options.served?.(login.account, topic, payload);
    if (served !== undefined) {
      // Whoever repeats it repeats something idempotent.
      served.then(() => {
        done();
      }, done);
      return;
    }
    const message: Message = { topic, payload, qos, retain };
    const published: Done = (error) => {
      done(error);
      if (error === undefined) this.options.published?.(login, message);
    };
    if (qos !== 2) {
      this.options.exchange.publish(message, published);
      return;
    }
    const { incoming, commits, limits, exchange } = this.options;
    if (incoming.get(client.id, messageId) !== undefined) {
      commits.add(() => undefined, done); // a repetition; the first is on disk when this is answered
    } else if (incoming.count(client.id) >= limits.incoming) {
      done(new Error(`${limits.incoming} messages of QoS 2 that are not released`));
    } else {
      const note = incoming.put(client.id, messageId, { ...packet, payload: '' });
      exchange.publish(
        message,
        (error) => {
          if (error !== undefined) incoming.remove(client.id, messageId); // the transaction failed
          published(error);
        },
        client.clean ? undefined : note,
      );
    }
  }

  private paced(client: Client, proceed: () => void): void {
    const { limits, timers, counters } = this.options;
    let pace = this.paces.get(client);
    if (pace === undefined) {
      pace = new Pace(limits.publishPerSecond, timers);
      this.paces.set(client, pace);
    }
    if (!pace.enter(proceed)) counters.count('broker/slowed');
  }
}
