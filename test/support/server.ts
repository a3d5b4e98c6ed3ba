/** Servers of others that tests run against: started on loopback, waited for by what they print, ended by their process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** Ports of this machine that are free just now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
      return address.port;
    }),
  );
}

export class Server {
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private isOver = false;
  private readonly ended: Promise<void>;
  private look: () => void = () => undefined;

  private constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
  ) {
    this.child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.once('close', () => {
        this.isOver = true;
        resolve();
      });
    });
    const { stderr } = this.child;
    if (stderr === null) throw new Error(`${name} was started without a pipe`);
    createInterface({ input: stderr }).on('line', (line) => {
      this.lines.push(line);
      this.look();
    });
  }

  /** Resolves once it printed a line like `ready` on its standard error. Rejects with what it said if it ended before. */
  static async start(name: string, command: string, args: readonly string[], ready: RegExp): Promise<Server> {
    const server = new Server(name, command, args);
    const isReady = new Promise<void>((resolve) => {
      server.look = () => {
        if (server.lines.some((line) => ready.test(line))) resolve();
      };
    });
    const failed = server.ended.then((): never => {
      throw new Error(`${name} ended too early:\n${server.lines.slice(-20).join('\n')}`);
    });
    await Promise.race([isReady, failed]);
    server.look = () => undefined;
    return server;
  }

  /** How it ended, and what it said last; nothing while it runs. */
  get obituary(): string | undefined {
    if (!this.isOver) return undefined;
    const { exitCode, signalCode } = this.child;
    return `${this.name} ended with ${signalCode ?? String(exitCode)}: ${this.lines.slice(-3).join(' | ')}`;
  }

  /** Ends it in order, or at once with `SIGKILL`. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}
