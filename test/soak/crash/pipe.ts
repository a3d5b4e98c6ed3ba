/** A line between the gateway and its city that can be cut, or go silent without a word. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Pipe {
  private readonly sockets = new Set<Socket>();
  private target = 0;
  private state: 'open' | 'cut' | 'silent' = 'open';
  /** Connections that were made through it. */
  connections = 0;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Pipe> {
    const server = createServer();
    const pipe = new Pipe(server);
    server.on('connection', (socket) => {
      pipe.join(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return pipe;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  leadTo(port: number): void {
    this.target = port;
  }

  /** Ends all connections, and every new one. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Bytes no longer pass, and nobody is told. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.pause();
  }

  mend(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private join(near: Socket): void {
    if (this.state === 'cut') {
      near.destroy();
      return;
    }
    this.connections++;
    const far = connect(this.target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on('data', (bytes) => other.write(bytes));
      one.on('error', () => undefined); // closing follows
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      if (this.state === 'silent') one.pause();
    }
  }
}
