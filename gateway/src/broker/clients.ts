/** Hands connections to aedes, its parser guarded, and knows where each of its clients comes from. */
import type { Aedes, Client } from 'aedes';
import type { Logger } from 'pino';
import type { Peer } from './admission.js';
import { guardParser } from './aedes-internals.js';
import type { ListenerAddress } from './listeners/listeners.js';
import type { Connection } from './listeners/transport.js';
import type { Counters } from './ports.js';

export interface ClientsOptions {
  readonly aedes: Pick<Aedes, 'handle'>;
  /** Of one packet from a client. */
  readonly packetBytes: number;
  readonly log: Logger;
  readonly counters: Counters;
  readonly closed: (client: Client) => void;
}

export class Clients {
  private readonly peers = new WeakMap<object, Peer>();

  constructor(private readonly options: ClientsOptions) {}

  accept({ stream, remote: socket, certificate }: Connection, listener: ListenerAddress): void {
    const { aedes, packetBytes, log, counters, closed } = this.options;
    const remote = socket.remoteAddress ?? 'gone';
    this.peers.set(stream, { remote, certificate, listener });
    const client = aedes.handle(stream);
    stream.once('close', () => {
      closed(client);
    });
    guardParser(client, packetBytes, (reason, error) => {
      counters.count('broker/bad-packet', reason);
      log.warn({ remote, reason, err: error }, 'a client sent what it must not; disconnected');
      stream.destroy();
    });
  }

  peerOf(client: Client): Peer {
    const peer = this.peers.get(client.conn);
    if (peer === undefined) throw new TypeError('a client that came by no listener');
    return peer;
  }
}
