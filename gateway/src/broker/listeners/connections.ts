/** How many connections there are, of all listeners together, and how many one address may have of them. */
import type { Socket } from 'node:net';
import type { Counters } from '../ports.js';
import { isThisMachine, networkOf } from './network.js';

export interface ConnectionLimits {
  /** Of all together. */
  readonly total: number;
  /** From one IPv4 address or IPv6 /64. This machine's own programs are not counted. */
  readonly perAddress: number;
}

export class Connections {
  private readonly sockets = new Set<Socket>();
  private readonly perNetwork = new Map<string, number>();

  constructor(
    private readonly limits: ConnectionLimits,
    private readonly counters: Counters,
  ) {}

  get size(): number {
    return this.sockets.size;
  }

  /** Counts a new connection until it closes, or destroys it. @returns whether it may stay */
  admit(socket: Socket): boolean {
    const { remoteAddress: address = '' } = socket;
    const network = isThisMachine(address) ? undefined : networkOf(address);
    const full = this.sockets.size >= this.limits.total;
    const refused = full || (network !== undefined && this.of(network) >= this.limits.perAddress);
    if (refused) {
      this.counters.count('broker/refused', full ? 'connections' : 'address');
      socket.destroy();
      return false;
    }
    this.sockets.add(socket);
    if (network !== undefined) this.perNetwork.set(network, this.of(network) + 1);
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (network !== undefined) this.leave(network);
    });
    return true;
  }

  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private of(network: string): number {
    return this.perNetwork.get(network) ?? 0;
  }

  private leave(network: string): void {
    const left = this.of(network) - 1;
    if (left > 0) this.perNetwork.set(network, left);
    else this.perNetwork.delete(network);
  }
}
