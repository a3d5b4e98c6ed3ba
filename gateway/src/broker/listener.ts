/** The TCP side of the broker: how many connections, how they are tuned, and what no client may send. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Client } from 'aedes';
import type { Logger } from 'pino';
import { guardParser, separatePacketIds } from './aedes-internals.js';
import { BrokerError } from './errors.js';
import type { Counters } from './ports.js';

const MAX_CONNECTIONS = 256;
/** Of one packet from a client, which only ever logs in, subscribes and acknowledges. */
const MAX_PACKET_BYTES = 64 * 1024;
/**
 * Unsent bytes from which a write to a socket counts as blocked. aedes then waits for the socket and everything behind
 * that write with it, so it has to be above what the event pump keeps there. Also bounds what is read before login.
 */
const HIGH_WATER_MARK = 512 * 1024;
/** A peer that vanished without a word is noticed even if it promised a long keep-alive time. */
const TCP_KEEPALIVE_MS = 60_000;

export interface ListenerOptions {
  readonly log: Logger;
  readonly counters: Counters;
  readonly accept: (socket: Socket) => Client;
  readonly closed: (client: Client) => void;
}

export class Listener {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly options: ListenerOptions) {
    this.server = createServer(
      {
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: TCP_KEEPALIVE_MS,
        highWaterMark: HIGH_WATER_MARK,
      },
      (socket) => {
        this.accept(socket);
      },
    );
    this.server.maxConnections = MAX_CONNECTIONS;
    this.server.on('drop', () => {
      options.counters.count('broker/refused', 'connections');
    });
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** @throws BrokerError `broker/listen` */
  listen(host: string, port: number): Promise<AddressInfo> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => {
        const hint = 'choose another port, or stop what uses this one';
        reject(
          new BrokerError('broker/listen', `cannot listen on ${host}:${port} (${error.message}); ${hint}`),
        );
      });
      server.listen(port, host, () => {
        server.removeAllListeners('error');
        server.on('error', (error) => {
          this.options.log.error({ err: error }, 'the broker cannot take connections');
        });
        resolve(server.address() as AddressInfo);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    const { log, counters } = this.options;
    const remote = socket.remoteAddress;
    this.sockets.add(socket);
    const client = this.options.accept(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.options.closed(client);
    });
    separatePacketIds(client);
    guardParser(client, MAX_PACKET_BYTES, (reason, error) => {
      counters.count('broker/bad-packet', reason);
      log.warn({ remote, reason, err: error }, 'a client sent what it must not; disconnected');
      socket.destroy();
    });
  }
}
