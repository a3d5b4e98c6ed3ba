/**
 * The few parts of aedes 1.2 that the broker touches beyond its types, each with the reason. Nothing else in this folder
 * knows more of aedes than its public types.
 */
import { Aedes, type AedesOptions, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { Packet, Parser } from 'mqtt-packet';

interface ClientInternals extends Client {
  /** aedes feeds it whatever the socket has read, without a limit and without catching what it throws. */
  readonly _parser: Parser;
  /** What aedes publishes when the connection ends. */
  readonly will: unknown;
}

type Callback = (error?: Error) => void;

/**
 * aedes for connections, sessions and handshakes, without its distribution of messages: that one drops what overtakes
 * (QoS 0 published with QoS 1 in one turn loses all of the latter), lets one slow reader hold up everybody, and replays a backlog
 * without a window. A message is distributed in `authorizePublish`, before aedes acknowledges it; what aedes would do with it
 * after that is nothing.
 */
export class ConnectionBroker extends Aedes {
  static async open(options: AedesOptions): Promise<ConnectionBroker> {
    const broker = new ConnectionBroker(options);
    await broker.listen();
    return broker;
  }

  /** Also aedes' own messages in `$SYS`, which nobody may read. */
  override publish(_packet: PublishPacket, client: Client | Callback | null, done?: Callback): void {
    const finished = typeof client === 'function' ? client : done;
    finished?.();
  }

  override subscribe(
    _topic: string,
    _deliver: (packet: AedesPublishPacket, done: () => void) => void,
    done?: () => void,
  ): void {
    if (done !== undefined) setImmediate(done);
  }

  override unsubscribe(
    _topic: string,
    _deliver: (packet: AedesPublishPacket, done: () => void) => void,
    done?: () => void,
  ): void {
    if (done !== undefined) setImmediate(done);
  }
}

/** aedes asks in the same way whether a client may publish, and what it left to be published may be. */
export function isWillOf(client: Client, packet: PublishPacket): boolean {
  return (client as ClientInternals).will === packet;
}

/**
 * Stops a client whose packets are longer than `maxPacket` bytes or cannot be parsed: aedes would collect up to
 * 256 MB for one packet, and a parser that throws would take the process along.
 */
export function guardParser(
  client: Client,
  maxPacket: number,
  refuse: (reason: 'oversized' | 'malformed', error?: unknown) => void,
): void {
  const parser = (client as ClientInternals)._parser;
  const parse = parser.parse.bind(parser);
  parser.parse = (bytes) => {
    try {
      const incomplete = parse(bytes);
      if (incomplete > maxPacket) refuse('oversized');
      return incomplete;
    } catch (error) {
      refuse('malformed', error);
      return 0;
    }
  };
  parser.prependListener('packet', ({ length = 0 }: Packet) => {
    if (length > maxPacket) refuse('oversized');
  });
}
