/** What tests of listeners share: an authority of their own, certificates by it, and what a browser or a stranger sends. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IClientOptions } from 'mqtt';
import { onTestFinished } from 'vitest';
import { certify, type KeyAndCertificate, makeAuthority } from '../../tls/x509.js';
import type { Broker } from '../broker.js';
import { LISTENERS, type LoginOptions, startBroker, type TestBroker } from '../broker.test.support.js';
import { fingerprintOf } from './client-certificate.js';
import type { TlsMaterial } from './transport.js';

const NOW = Math.floor(Date.now() / 1_000);
const DAY = 86_400;
const GOOD = { notBefore: NOW - DAY, notAfter: NOW + DAY };
const OVER = { notBefore: NOW - 2 * DAY, notAfter: NOW - DAY };

export const AUTHORITY = await makeAuthority('the authority of the tests', GOOD);
const STRANGER = await makeAuthority('the authority of somebody else', GOOD);
const SERVER = { server: 'gw-1', names: [{ type: 'dns', value: 'localhost' } as const] };

export const serverCertificate = (): Promise<KeyAndCertificate> => certify(AUTHORITY, SERVER, GOOD);
export const clientCertificate = (client: string): Promise<KeyAndCertificate> =>
  certify(AUTHORITY, { client }, GOOD);
/** Certificates that the broker must not believe, by what is wrong with them. */
export const BAD_CERTIFICATES = {
  'of another authority': await certify(STRANGER, { client: 'sub' }, GOOD),
  'that has expired': await certify(AUTHORITY, { client: 'sub' }, OVER),
  'of a name that is no account': await clientCertificate('nobody'),
  'for a server': await certify(AUTHORITY, { ...SERVER, server: 'sub' }, GOOD),
  'signed by its own key': await makeAuthority('sub', GOOD),
} as const;

export function materialOf({ key, certificate }: KeyAndCertificate): TlsMaterial {
  return { key, cert: certificate, ca: AUTHORITY.certificate };
}

const FIRST = await serverCertificate();

/** A broker with one listener. */
export function startWith(
  kind: keyof typeof LISTENERS,
  given: Parameters<typeof startBroker>[0] = {},
  listener: { allowedOrigins?: string[] } = {},
): Promise<TestBroker> {
  return startBroker({
    listeners: [{ ...LISTENERS[kind], ...listener }],
    tls: () => materialOf(FIRST),
    ...given,
  });
}

/** How a client of MQTT reaches a listener that trusts the authority of the tests. */
export function way(kind: keyof typeof LISTENERS): IClientOptions {
  const webSocket = kind.startsWith('ws') ? { path: '/mqtt' } : {};
  const trust = { ca: AUTHORITY.certificate, servername: 'localhost' };
  const protocols = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' } as const;
  // Over a WebSocket mqtt.js hands what is for TLS to the WebSocket.
  const tls = kind === 'wss' ? { wsOptions: trust } : kind === 'tls' ? trust : {};
  return { protocol: protocols[kind], host: 'localhost', ...webSocket, ...tls };
}

/** As {@link way}, with a client's certificate, and no name and password. */
export function wayWith(kind: 'tls' | 'wss', { key, certificate }: KeyAndCertificate): LoginOptions {
  const shown = { key, cert: certificate, ca: AUTHORITY.certificate, servername: 'localhost' };
  const rest = kind === 'wss' ? { wsOptions: shown } : shown;
  return { ...way(kind), ...rest, ...{ username: undefined, password: undefined } };
}

export function fingerprint({ certificate }: KeyAndCertificate): string {
  return fingerprintOf(new X509Certificate(certificate));
}

/** A bare connection from an address of this machine, TLS on it or not. */
export async function dial(broker: Broker, { tls = false, from = '127.0.0.1' } = {}): Promise<Socket> {
  const where = { host: '127.0.0.1', port: broker.port, localAddress: from };
  const socket = tls
    ? connectTls({ ...where, ca: AUTHORITY.certificate, servername: 'localhost' })
    : connectTcp(where);
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, tls ? 'secureConnect' : 'connect');
  return socket;
}

/** An HTTP request as its lines. @returns all that comes back until the connection is closed */
export async function askHttp(socket: Socket, ...lines: string[]): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write([...lines, '', ''].join('\r\n'));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** The lines with which a client asks for a WebSocket. */
export function upgrade(headers: Readonly<Record<string, string>> = {}, path = '/mqtt'): string[] {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'mqtt',
    ...headers,
  };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...fields];
}
