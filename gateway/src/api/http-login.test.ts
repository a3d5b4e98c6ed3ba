import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Account, tlsOptions } from '../broker/index.js';
import {
  AUTHORITY,
  clientCertificate,
  materialOf,
  serverCertificate,
} from '../broker/listeners/listeners.test.support.js';
import { HttpLogins } from './http-login.js';
import { ApiProblem } from './problem.js';

const OPERATOR: Account = { name: 'operator', role: 'operator' };
const DAYS_MS = 86_400_000;

/** A server that says who is logged in, and one connection to it that stays open. */
async function open() {
  const logins = new HttpLogins({
    logIn: () => Promise.resolve(undefined),
    logInByCertificate: ({ problem, account }) =>
      Promise.resolve(problem === undefined && account === OPERATOR.name ? OPERATOR : undefined),
    log: pino({ level: 'silent' }),
  });
  const server = createServer(tlsOptions(materialOf(await serverCertificate())), (asked, answer) => {
    const said = logins.logIn(asked, '127.0.0.1').then(
      ({ account, by }) => `${account.name} by ${by}`,
      (error: unknown) => (error instanceof ApiProblem ? error.message : String(error)),
    );
    void said.then((line) => answer.end(line));
  });
  server.on('secureConnection', (socket) => {
    logins.connected(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { key, certificate: cert } = await clientCertificate('operator');
  const shown = { ca: AUTHORITY.certificate, servername: 'localhost', key, cert };
  const newAgent = () => new Agent({ keepAlive: true, maxSockets: 1 });
  let agent = newAgent();
  const reconnect = (): void => {
    agent.destroy();
    agent = newAgent();
  };
  onTestFinished(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const ask = async (): Promise<string> => {
    const asking = request({ host: '127.0.0.1', port, agent, ...shown }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return text(answer);
  };
  return { logins, ask, reconnect };
}

describe('a certificate that was shown when the connection began', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is asked for again when another authority may be believed', async () => {
    const { logins, ask, reconnect } = await open();
    expect(await ask()).toBe('operator by certificate');
    expect(await ask()).toBe('operator by certificate');
    logins.trustChanged();
    expect(await ask()).toContain('connect again');
    reconnect();
    expect(await ask()).toBe('operator by certificate');
  });

  it('counts no longer when it has ended meanwhile', async () => {
    const { ask } = await open();
    expect(await ask()).toBe('operator by certificate');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * DAYS_MS });
    expect(await ask()).toContain('it has ended');
  });
});
