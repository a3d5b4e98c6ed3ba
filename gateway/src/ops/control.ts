/** The running gateway answers its own commands on a Unix socket that only its owner can open. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { json } from 'node:stream/consumers';

/** Answers `GET /status`. @returns what closes it */
export async function serveControl(socket: string, status: () => unknown): Promise<() => Promise<void>> {
  rmSync(socket, { force: true }); // left over from a gateway that was killed
  const server: Server = createServer((incoming, response) => {
    if (incoming.method !== 'GET' || incoming.url !== '/status') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
}

/** Asks a running gateway for its status. Rejects with `ENOENT` or `ECONNREFUSED` when none runs. */
export async function askControl(socket: string): Promise<unknown> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ socketPath: socket, path: '/status', timeout: 5_000 }, resolve);
    asked.on('timeout', () => asked.destroy(new Error('the gateway does not answer')));
    asked.on('error', reject);
    asked.end();
  });
  return json(response);
}
