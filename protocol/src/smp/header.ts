/** The SMP header (Zephyr, SMP protocol specification): eight bytes before a CBOR map. */
import { SmpError } from '../errors.js';

export const OP = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const;
export type Op = (typeof OP)[keyof typeof OP];

export const HEADER_BYTES = 8;

/** SMP version 2 in the header's two version bits: errors may name their group. */
const VERSION_2 = 1;

export interface SmpPacket {
  readonly op: Op;
  readonly group: number;
  readonly sequence: number;
  readonly id: number;
  /** A CBOR map. */
  readonly payload: Uint8Array;
}

/**
 * ```
 *  0: reserved(3) version(2) op(3)   1: flags   2-3: payload length   4-5: group   6: sequence   7: command id
 * ```
 * All numbers big-endian.
 */
export function encodePacket({ op, group, sequence, id, payload }: SmpPacket): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES + payload.length);
  out[0] = (VERSION_2 << 3) | op;
  out[2] = payload.length >> 8;
  out[3] = payload.length;
  out[4] = group >> 8;
  out[5] = group;
  out[6] = sequence;
  out[7] = id;
  out.set(payload, HEADER_BYTES);
  return out;
}

/** Takes a packet apart. @throws SmpError `smp/header`, `smp/length` */
export function decodePacket(packet: Uint8Array): SmpPacket {
  if (packet.length < HEADER_BYTES)
    throw new SmpError('smp/header', 'shorter than an SMP header', { length: packet.length });
  const at = (index: number): number => packet[index] ?? 0;
  const op = at(0) & 0x07;
  if (op > 3) throw new SmpError('smp/header', `operation ${op} is unknown`, { op });
  const length = at(2) * 256 + at(3);
  if (packet.length !== HEADER_BYTES + length) {
    throw new SmpError(
      'smp/length',
      `the header promises ${length} bytes, ${packet.length - HEADER_BYTES} are there`,
    );
  }
  return {
    op: op as Op,
    group: at(4) * 256 + at(5),
    sequence: at(6),
    id: at(7),
    payload: packet.subarray(HEADER_BYTES),
  };
}
