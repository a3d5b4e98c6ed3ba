/** What is changed of noble's packets on their way out: what it hard-codes and gets wrong. */
import type { AttGuard } from './att-guard.js';
import { ATT, BOUNDARY, CID, OPCODE, readU16, u16 } from './codes.js';
import { ATT_MTU } from './link-guard.js';

const SCAN_TYPE_AT = 4;
const PASSIVE = 0;

const BOUNDARY_AT = 2;
const LENGTH_AT = 5;
const CHANNEL_AT = 7;
const PDU_AT = 9;

/** Scans are passive: asking every phone in the room for more costs air, and tells them that we are here. */
export function rewriteCommand(packet: Uint8Array): Uint8Array {
  if (readU16(packet, 1) !== OPCODE.leSetScanParameters || packet.length <= SCAN_TYPE_AT) return packet;
  const rewritten = Uint8Array.from(packet);
  rewritten[SCAN_TYPE_AT] = PASSIVE;
  return rewritten;
}

/** Asks for the MTU that fills one data PDU, and shows the guard what is asked of the peer. */
export function rewriteData(packet: Uint8Array, guard: AttGuard): Uint8Array {
  const isStart = (packet[BOUNDARY_AT] ?? 0) >> 4 === BOUNDARY.hostStart;
  if (!isStart || packet.length <= PDU_AT || readU16(packet, CHANNEL_AT) !== CID.att) return packet;
  const pdu = packet.subarray(PDU_AT, PDU_AT + readU16(packet, LENGTH_AT));
  guard.sent(pdu);
  if (pdu[0] !== ATT.mtuRequest) return packet;
  const rewritten = Uint8Array.from(packet);
  rewritten.set(u16(ATT_MTU), PDU_AT + 1);
  return rewritten;
}
