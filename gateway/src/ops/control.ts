/** The running gateway answers its own commands on a Unix socket that only its owner can open. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { json } from 'node:stream/consumers';

/** Answers a path with a value for JSON, or with nothing where there is no such thing. */
export type ControlRoute = (query: URLSearchParams) => unknown;

/** The gateway answered that there is no such thing, or that it could not do it. */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    readonly reason: 'not-found' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

const STATUS = { 'not-found': 404, failed: 500 } as const;

/** Serves routes by their path, `/status` for one. @returns what closes it */
export async function serveControl(
  socket: string,
  routes: Readonly<Record<string, ControlRoute>>,
): Promise<() => Promise<void>> {
  rmSync(socket, { force: true }); // left over from a gateway that was killed
  const server: Server = createServer((incoming, response) => {
    void answer(incoming, routes).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
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

async function answer(
  { method, url = '' }: IncomingMessage,
  routes: Readonly<Record<string, ControlRoute>>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const { pathname, searchParams } = new URL(url, 'http://gateway');
    const route = method === 'GET' && Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    const body = await route?.(searchParams);
    return body === undefined ? { status: STATUS['not-found'], body: {} } : { status: 200, body };
  } catch (error) {
    return { status: STATUS.failed, body: { error: (error as Error).message } };
  }
}

export interface ControlQuestion {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** How long the gateway may take. */
  readonly timeoutMs: number;
}

const HOW_ARE_YOU: ControlQuestion = { path: '/status', timeoutMs: 5_000 };

/**
 * Asks a running gateway, how it is unless told otherwise. Rejects with `ENOENT` or `ECONNREFUSED` when none runs.
 * @throws ControlError
 */
export async function askControl(
  socket: string,
  { path, query = {}, timeoutMs }: ControlQuestion = HOW_ARE_YOU,
): Promise<unknown> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(
      { socketPath: socket, path: `${path}?${parameters.toString()}`, timeout: timeoutMs },
      resolve,
    );
    asked.on('timeout', () => asked.destroy(new Error('the gateway does not answer')));
    asked.on('error', reject);
    asked.end();
  });
  const body = await json(response);
  if (response.statusCode === 200) return body;
  if (response.statusCode === STATUS['not-found']) throw new ControlError('not-found', `nothing at ${path}`);
  throw new ControlError('failed', (body as { error?: string }).error ?? 'the gateway failed');
}
