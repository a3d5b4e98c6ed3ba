/** btsnoop records of HCI packets over H4 (RFC 1761's layout, datalink 1002), as Wireshark opens them. */
import { FrameError } from '../errors.js';

const MAGIC = new TextEncoder().encode('btsnoop\0');
const VERSION = 1;
const DATALINK_H4 = 1002;

/** The type byte of packets that are neither commands nor events. */
const H4_ACL_DATA = 0x02;

/** Microseconds from the year 0, as btsnoop counts them, to 1970. */
const EPOCH_MICROSECONDS = 0x00dc_ddb3_0f2f_8000n;

const FLAG = { toHost: 1, commandOrEvent: 2 } as const;
const RECORD_HEADER_BYTES = 24;
/** Longer than any packet of HCI. */
const MAX_PACKET_BYTES = 65_540;

export function snoopHeader(): Uint8Array {
  const out = new Uint8Array(MAGIC.length + 8);
  out.set(MAGIC);
  const view = new DataView(out.buffer);
  view.setUint32(MAGIC.length, VERSION);
  view.setUint32(MAGIC.length + 4, DATALINK_H4);
  return out;
}

/**
 * @param packet with its H4 type byte
 * @param unixMs when it passed
 */
export function snoopRecord(packet: Uint8Array, isToHost: boolean, unixMs: number): Uint8Array {
  const out = new Uint8Array(RECORD_HEADER_BYTES + packet.length);
  const view = new DataView(out.buffer);
  const isData = packet[0] === H4_ACL_DATA;
  view.setUint32(0, packet.length);
  view.setUint32(4, packet.length);
  view.setUint32(8, (isToHost ? FLAG.toHost : 0) | (isData ? 0 : FLAG.commandOrEvent));
  view.setUint32(12, 0); // none dropped
  view.setBigInt64(16, BigInt(Math.round(unixMs * 1_000)) + EPOCH_MICROSECONDS);
  out.set(packet, RECORD_HEADER_BYTES);
  return out;
}

/** One packet of a capture. */
export interface SnoopPacket {
  /** With its H4 type byte. */
  readonly packet: Uint8Array;
  readonly isToHost: boolean;
  readonly unixMs: number;
}

/** Whether a file begins as such a capture does. */
export function isSnoop(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a capture, up to where it was cut off: one that is still being written ends anywhere.
 * @throws FrameError `frame/length` for a capture of another kind, `frame/overlong` for a record that cannot be one
 */
export function* readSnoop(bytes: Uint8Array): Generator<SnoopPacket, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = MAGIC.length + 8;
  if (!isSnoop(bytes) || bytes.length < start) throw new FrameError('frame/length', 'no btsnoop file');
  const datalink = view.getUint32(MAGIC.length + 4);
  if (datalink !== DATALINK_H4)
    throw new FrameError('frame/length', `a btsnoop file of kind ${datalink}, not of HCI over H4 (1002)`, {
      datalink,
    });
  for (let at = start; at + RECORD_HEADER_BYTES <= bytes.length;) {
    const length = view.getUint32(at + 4);
    if (length > MAX_PACKET_BYTES)
      throw new FrameError('frame/overlong', `a packet of ${length} bytes (offset ${at})`, { length });
    const end = at + RECORD_HEADER_BYTES + length;
    if (end > bytes.length) return;
    const isToHost = (view.getUint32(at + 8) & FLAG.toHost) !== 0;
    const unixMs = Number(view.getBigInt64(at + 16) - EPOCH_MICROSECONDS) / 1_000;
    yield { packet: bytes.subarray(at + RECORD_HEADER_BYTES, end), isToHost, unixMs };
    at = end;
  }
}
