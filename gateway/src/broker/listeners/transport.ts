/** What a listener does with a TCP connection until MQTT can be spoken on it. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Counters } from '../ports.js';
import type { ClientCertificate } from './client-certificate.js';
import type { Remote } from './handshakes.js';

/** A connection on which the next byte is MQTT's. */
export interface Connection {
  readonly stream: Duplex;
  /** Where it comes from. */
  readonly remote: Remote;
  readonly certificate: ClientCertificate | undefined;
}

export interface TransportContext {
  readonly log: Logger;
  readonly counters: Counters;
  readonly ready: (connection: Connection) => void;
}

export interface Transport {
  readonly take: (socket: Socket) => void;
  /** What TLS shows from now on; absent where there is no TLS. */
  readonly use?: (material: TlsMaterial) => void;
}

/** PEM. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  /** Whose certificates a client may log in with. */
  readonly ca?: string | undefined;
}

/**
 * Unsent bytes from which a write to a connection counts as blocked. aedes then waits for it and everything behind
 * that write with it, so it has to be above what the event pump keeps there. Also bounds what is read before login.
 */
export const HIGH_WATER_MARK = 512 * 1024;

export function tcpTransport({ ready }: TransportContext): Transport {
  return {
    take: (socket) => {
      ready({ stream: socket, remote: socket, certificate: undefined });
    },
  };
}
