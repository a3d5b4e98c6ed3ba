/** Serves pages of text to whoever may reach the port: GET and HEAD, a few connections at a time, and nothing else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By path. One that throws is answered with 500 and handed to `failed`. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

export interface MonitorServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const MAX_CONNECTIONS = 32;
const PATIENCE_MS = 5_000;

/** Rejects with the listener's error, such as `EADDRINUSE`. */
export async function servePages(
  { host, port }: { readonly host: string; readonly port: number },
  pages: Pages,
  failed: (error: Error) => void,
): Promise<MonitorServer> {
  const server: Server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS },
    (request, response) => {
      void answer(request, pages, failed).then((page) => {
        send(request, response, page);
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', failed);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export function jsonPage(status: number, body: unknown): Page {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

async function answer(
  { method, url = '' }: IncomingMessage,
  pages: Pages,
  failed: (error: Error) => void,
): Promise<Page> {
  const [path = ''] = url.split('?');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return jsonPage(404, { error: 'not found', pages: Object.keys(pages) });
  if (method !== 'GET' && method !== 'HEAD') return jsonPage(405, { error: 'only GET and HEAD' });
  try {
    return await page();
  } catch (error) {
    failed(error as Error);
    return jsonPage(500, { error: 'the gateway cannot say' });
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, body }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
