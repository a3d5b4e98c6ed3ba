/** Packets as checks put them on a link, and what they look for among the answers. */
import {
  encode,
  encodePacket,
  OP,
  OS_COMMAND,
  OS_GROUP,
  type SmpPacket,
  type SmpRequest,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { expect } from '../verdict.js';
import { type Connection, readAnswer } from '../connection.js';

/** An echo, header included. */
export function echoPacket(sequence: number, text: string): Uint8Array {
  const payload = encode(new Map([['d', text]]));
  return encodePacket({ op: OP.write, group: OS_GROUP, id: OS_COMMAND.echo, sequence, payload });
}

/** Whether a packet is the answer to it. */
export function isEcho(sequence: number, text: string): (packet: SmpPacket) => boolean {
  return (packet) => {
    const { op, group, id } = packet;
    if (op !== OP.writeResponse || group !== OS_GROUP || id !== OS_COMMAND.echo) return false;
    return packet.sequence === sequence && textOf(packet) === text;
  };
}

function textOf(packet: SmpPacket): unknown {
  try {
    return readAnswer(packet).body.get('r');
  } catch {
    return undefined;
  }
}

/** @throws Nonconformity when no such packet comes in the time for an answer */
export async function mustHear(
  connection: Connection,
  fits: (packet: SmpPacket) => boolean,
  what: string,
): Promise<SmpPacket> {
  const packet = await connection.hear(fits);
  expect(packet !== undefined, `${what} was not answered`);
  return packet;
}

/** A request of group 84 whose body is bytes. */
export function rawRequest(
  { id, op, name }: { readonly id: number; readonly op: 'read' | 'write'; readonly name: string },
  payload: Uint8Array,
): Omit<SmpRequest, 'idempotent'> {
  return { id, op, name, group: TIMEBAND_GROUP, body: new Map(), payload };
}
