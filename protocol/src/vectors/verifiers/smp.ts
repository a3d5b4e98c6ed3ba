/** SMP packets, serial lines and the commands of group 84 (SPEC.md, Serial, SMP, Commands). */
import { type CborMap, decodeLenient, Fields } from '../../cbor/index.js';
import { LogError, type TimebandError } from '../../errors.js';
import { COMMAND, decodePacket, Deframer, OP } from '../../smp/index.js';
import { readAnswer } from '../../smp/client.js';
import { VectorFormatError } from '../format.js';
import type { Verify } from './verify.js';

/** One packet from a serial line; the first fault is the verdict. */
export const frame: Verify = (bytes) => {
  const faults: TimebandError[] = [];
  const packets: Uint8Array[] = [];
  const deframer = new Deframer({
    packet: (packet) => packets.push(packet),
    fault: (error) => faults.push(error),
  });
  deframer.push(bytes);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return { packets, discarded: deframer.discarded };
};

export const packet: Verify = (bytes) => {
  const decoded = decodePacket(bytes);
  return { ...decoded, payload: decodeLenient(decoded.payload) };
};

/** What reading needs of a command, whatever it is about. */
interface Decoders {
  readonly id: number;
  readonly name: string;
  readonly decodeRequest: (body: CborMap) => unknown;
  readonly decodeAnswer: (body: CborMap) => unknown;
}
const commands: readonly Decoders[] = Object.values(COMMAND);

/** A request or an answer of one command, header and body. `context.command` is its name in SPEC.md. */
export const command: Verify = (bytes, context) => {
  const { op, group, id, payload } = decodePacket(bytes);
  const isRequest = op === OP.read || op === OP.write;
  const name = context.text('command');
  const found = commands.find((one) => one.name === name);
  if (found?.id !== id) throw new VectorFormatError(`"${name}" is not command ${id}`);
  const decoded = isRequest
    ? found.decodeRequest(bodyOf(payload))
    : found.decodeAnswer(readAnswer(payload, { group, name }));
  if (name === 'status' && context.has('stored')) refuseRollback(payload, context.number('stored'));
  return { op: Object.keys(OP)[op], ...(decoded === undefined ? {} : { body: decoded }) };
};

/** A head below what is stored: the device forgot what it signed. */
function refuseRollback(payload: Uint8Array, stored: number): void {
  if (COMMAND.status.decodeAnswer(bodyOf(payload)).head < stored) {
    throw new LogError('log/rollback', 'a head below what is stored');
  }
}

function bodyOf(payload: Uint8Array): CborMap {
  const body = decodeLenient(payload);
  Fields.of(body, 'request');
  return body as CborMap;
}
