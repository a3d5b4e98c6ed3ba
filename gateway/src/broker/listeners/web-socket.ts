/** MQTT over WebSocket (MQTT 3.1.1 §6, RFC 6455), plain or over TLS. Whatever else is asked over HTTP gets an error. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { clientCertificateOf } from './client-certificate.js';
import { overTls, tlsOptions } from './tls.js';
import { HIGH_WATER_MARK, type TlsMaterial, type Transport, type TransportContext } from './transport.js';

export interface WebSocketOptions {
  readonly path: string;
  /** A browser says whose page it is that connects; these may. */
  readonly allowedOrigins: readonly string[];
}

/** `mqttv3.1` is what clients of MQTT 3.1 say, and some of 3.1.1. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];
const HTTP_OPTIONS: ServerOptions = { maxHeaderSize: 8_192, keepAlive: false };
/** Of one frame, which may hold several MQTT packets. */
const MAX_FRAME_BYTES = 256 * 1024;
/** Answers to pings that a client does not read are not piled up. */
const MAX_UNSENT_PONGS = 64 * 1024;

export function webSocketTransport(
  options: WebSocketOptions,
  material: TlsMaterial | undefined,
  context: TransportContext,
): Transport {
  if (material === undefined) {
    const server = createServer(HTTP_OPTIONS);
    serve(server, options, context);
    return {
      take: (socket) => {
        server.emit('connection', socket);
      },
    };
  }
  const server = createSecureServer({ ...HTTP_OPTIONS, ...tlsOptions(material) });
  serve(server, options, context);
  return overTls(server, context);
}

function serve(server: Server, options: WebSocketOptions, { log, counters, ready }: TransportContext): void {
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    autoPong: false,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  const refused = (request: IncomingMessage, status: number): void => {
    counters.count('broker/refused', `http-${status}`);
    log.info({ remote: request.socket.remoteAddress, status }, 'an HTTP request is none for MQTT');
  };
  server.on('request', (request, response) => {
    const status = pathOf(request) === options.path ? 426 : 404;
    refused(request, status);
    const headers = { connection: 'close', ...(status === 426 && { upgrade: 'websocket' }) };
    response.writeHead(status, headers).end(`${STATUS_CODES[status] ?? ''}\n`);
  });
  server.on('clientError', (_error, socket) => {
    counters.count('broker/refused', 'http-malformed');
    socket.destroy();
  });
  server.on('upgrade', (request, socket, head) => {
    const status = refusalOf(request, options);
    if (status !== undefined) {
      refused(request, status);
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const certificate = socket instanceof TLSSocket ? clientCertificateOf(socket) : undefined;
      ready({ stream: streamOf(webSocket), remote: request.socket, certificate });
    });
  });
  upgrades.on('wsClientError', (_error, socket) => {
    counters.count('broker/refused', 'http-malformed');
    socket.destroy();
  });
}

/** The HTTP status with which an upgrade is refused. */
function refusalOf(request: IncomingMessage, { path, allowedOrigins }: WebSocketOptions): number | undefined {
  const { origin, 'sec-websocket-protocol': offered = '' } = request.headers;
  if (pathOf(request) !== path) return 404;
  if (origin !== undefined && !allowedOrigins.includes(origin)) return 403;
  if (!offered.split(',').some((name) => SUBPROTOCOLS.includes(name.trim()))) return 400;
  return undefined;
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

/** The bytes within binary frames; MQTT packets do not care where frames end (MQTT 3.1.1 §6.0). */
function streamOf(webSocket: WebSocket): Duplex {
  const stream = createWebSocketStream(webSocket, {
    highWaterMark: HIGH_WATER_MARK,
    // All that was written in one turn of the loop goes out in one frame.
    writev: (chunks, done) => {
      webSocket.send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
    },
  });
  webSocket.on('message', (_, isBinary) => {
    if (!isBinary) stream.destroy();
  });
  webSocket.on('ping', (payload) => {
    if (webSocket.bufferedAmount < MAX_UNSENT_PONGS) webSocket.pong(payload);
  });
  return stream;
}
