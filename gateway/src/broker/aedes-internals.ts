/**
 * The few private parts of aedes 1.2 that the broker touches, each with the reason. Nothing else in this folder
 * knows more of aedes than its public types.
 */
import type { Client } from 'aedes';
import type { Packet, Parser } from 'mqtt-packet';
import { LAST_ID } from './send-window.js';

interface ClientInternals extends Client {
  /** The next packet identifier aedes gives to a message to this client: it counts up and wraps from 65535 to 1. */
  _nextId: number;
  /** aedes feeds it whatever the socket has read, without a limit and without catching what it throws. */
  readonly _parser: Parser;
}

const LAST_POSSIBLE_ID = 0xffff;

/**
 * Keeps aedes' packet identifiers above those of the event pump, which writes to the same socket: so the identifier
 * alone tells whose message a PUBACK is for.
 */
export function separatePacketIds(client: Client): void {
  let next = LAST_ID + 1;
  Object.defineProperty(client as ClientInternals, '_nextId', {
    get: () => next,
    set: (id: number) => {
      next = id > LAST_ID && id <= LAST_POSSIBLE_ID ? id : LAST_ID + 1;
    },
  });
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
