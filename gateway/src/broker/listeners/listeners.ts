/** The ways in to the broker: each listens at an address of its own, and all share one limit of connections. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Timers } from '@timeband/protocol';
import type { ListenerConfig } from '../../config/index.js';
import { BrokerError } from '../errors.js';
import type { Counters } from '../ports.js';
import { type ConnectionLimits, Connections } from './connections.js';
import { Handshakes } from './handshakes.js';
import { tlsTransport } from './tls.js';
import {
  type Connection,
  HIGH_WATER_MARK,
  tcpTransport,
  type TlsMaterial,
  type Transport,
  type TransportContext,
} from './transport.js';
import { webSocketTransport } from './web-socket.js';

/** A peer that vanished without a word is noticed even if it promised a long keep-alive time. */
const TCP_KEEPALIVE_MS = 60_000;

/** Where a listener listens, its port chosen. */
export interface ListenerAddress {
  readonly kind: ListenerConfig['kind'];
  readonly host: string;
  readonly port: number;
}

export interface ListenersOptions {
  readonly listeners: readonly ListenerConfig[];
  readonly limits: ConnectionLimits;
  /** Reads what TLS listeners need. What it throws ends the start, or a reload without effect. */
  readonly tls: () => TlsMaterial;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
  readonly accept: (connection: Connection, listener: ListenerAddress) => void;
}

export class Listeners {
  private readonly connected: Connections;
  private readonly servers: Server[] = [];
  private readonly transports: Transport[] = [];

  constructor(private readonly options: ListenersOptions) {
    this.connected = new Connections(options.limits, options.counters);
  }

  get connections(): number {
    return this.connected.size;
  }

  /** @throws BrokerError `broker/listen`, and what reading for TLS throws */
  async open(): Promise<ListenerAddress[]> {
    const needsTls = this.options.listeners.some(({ kind }) => kind === 'tls' || kind === 'wss');
    const material = needsTls ? this.options.tls() : undefined;
    const addresses: ListenerAddress[] = [];
    for (const config of this.options.listeners) addresses.push(await this.openOne(config, material));
    return addresses;
  }

  /** Reads what TLS shows again, for connections from now on. @throws what reading throws; nothing has changed then */
  reload(): void {
    const secure = this.transports.flatMap(({ use }) => use ?? []);
    if (secure.length === 0) return;
    const material = this.options.tls();
    for (const use of secure) use(material);
  }

  async close(): Promise<void> {
    this.connected.destroyAll();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private async openOne(config: ListenerConfig, material: TlsMaterial | undefined): Promise<ListenerAddress> {
    const { kind, host } = config;
    const { timers, log, counters, accept } = this.options;
    const server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
      highWaterMark: HIGH_WATER_MARK,
    });
    const { address, port } = await listen(server, config);
    this.servers.push(server);
    const where: ListenerAddress = { kind, host: address, port };
    const handshakes = new Handshakes(timers, counters);
    const ready = (connection: Connection): void => {
      handshakes.ended(connection.remote);
      accept(connection, where);
    };
    const transport = transportOf(config, material, { log, counters, ready });
    this.transports.push(transport);
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined); // whoever speaks on it hears of it by its end
      if (!this.connected.admit(socket)) return;
      handshakes.begun(socket);
      transport.take(socket);
    });
    server.on('error', (error) => {
      log.error({ err: error }, 'the broker cannot take connections');
    });
    log.info({ ...where, asked: host }, 'broker listening');
    return where;
  }
}

function transportOf(
  { kind, path, allowedOrigins }: ListenerConfig,
  material: TlsMaterial | undefined,
  context: TransportContext,
): Transport {
  if (kind === 'tcp') return tcpTransport(context);
  if (kind === 'ws') return webSocketTransport({ path, allowedOrigins }, undefined, context);
  if (material === undefined) throw new TypeError('no certificate for TLS');
  return kind === 'tls'
    ? tlsTransport(material, context)
    : webSocketTransport({ path, allowedOrigins }, material, context);
}

async function listen(server: Server, { host, port }: ListenerConfig): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const hint = 'choose another port, or stop what uses this one';
      reject(
        new BrokerError('broker/listen', `cannot listen on ${host}:${port} (${error.message}); ${hint}`),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  return server.address() as AddressInfo;
}
