/** MQTT over TLS (RFC 8446, and RFC 5246 for older clients), with client certificates for those that have one. */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { clientCertificateOf } from './client-certificate.js';
import { HIGH_WATER_MARK, type TlsMaterial, type Transport, type TransportContext } from './transport.js';

/**
 * A client whose certificate is not good is refused at its CONNECT, where it is slowed and its refusal explained. A
 * session is never resumed: that would skip the check of its certificate.
 */
const NO_RESUMPTION = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

export function tlsOptions(material: TlsMaterial): TlsOptions {
  return {
    ...tlsContext(material),
    requestCert: material.ca !== undefined,
    rejectUnauthorized: false,
  };
}

export function tlsTransport(material: TlsMaterial, context: TransportContext): Transport {
  const server = createServer(tlsOptions(material), (socket) => {
    raiseHighWaterMark(socket);
    context.ready({ stream: socket, remote: socket, certificate: clientCertificateOf(socket) });
  });
  return overTls(server, context);
}

/** The TLS half of any transport over it. */
export function overTls(server: Server, { log, counters }: TransportContext): Transport {
  server.on('tlsClientError', (error, socket) => {
    counters.count('broker/refused', 'tls');
    log.info({ remote: socket.remoteAddress, reason: error.message }, 'a TLS handshake failed');
    socket.destroy();
  });
  return {
    take: (socket: Socket) => {
      server.emit('connection', socket);
    },
    use: (material) => {
      server.setSecureContext(tlsContext(material));
    },
  };
}

/** The part of it that may be another one for connections to come. */
export function tlsContext({ key, cert, ca }: TlsMaterial) {
  return {
    key,
    cert,
    ...(ca !== undefined && { ca }),
    minVersion: 'TLSv1.2',
    secureOptions: NO_RESUMPTION,
  } as const;
}

interface WritableInternals {
  readonly _writableState: { highWaterMark: number };
}

/** Node.js has no option for it where the server makes the TLS socket: it stays at 16 KB. */
export function raiseHighWaterMark(socket: TLSSocket): void {
  (socket as TLSSocket & WritableInternals)._writableState.highWaterMark = HIGH_WATER_MARK;
}
