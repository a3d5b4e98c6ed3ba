/** Cuts connections on which nobody can speak MQTT yet after a while: TLS and WebSocket handshakes that do not end. */
import type { Socket } from 'node:net';
import type { Timers } from '@timeband/protocol';
import type { Counters } from '../ports.js';

/** From the first packet of TCP on. The CONNECT that follows has as long again. */
const HANDSHAKE_MS = 5_000;

/** The far end of a connection. It tells two of one listener apart, whatever has been wrapped around their sockets. */
export interface Remote {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

export class Handshakes {
  private readonly pending = new Map<string, () => void>();

  constructor(
    private readonly timers: Timers,
    private readonly counters: Counters,
  ) {}

  begun(socket: Socket): void {
    const key = keyOf(socket);
    const cancel = this.timers.after(HANDSHAKE_MS, () => {
      this.counters.count('broker/refused', 'handshake');
      socket.destroy();
    });
    this.pending.set(key, cancel);
    socket.once('close', () => {
      cancel();
      if (this.pending.get(key) === cancel) this.pending.delete(key);
    });
  }

  ended(remote: Remote): void {
    const key = keyOf(remote);
    this.pending.get(key)?.();
    this.pending.delete(key);
  }
}

function keyOf({ remoteAddress = '', remotePort = 0 }: Remote): string {
  return `${remoteAddress} ${remotePort}`;
}
