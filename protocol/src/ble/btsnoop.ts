/** btsnoop records of HCI packets over H4 (RFC 1761's layout, datalink 1002), as Wireshark opens them. */

const MAGIC = new TextEncoder().encode('btsnoop\0');
const VERSION = 1;
const DATALINK_H4 = 1002;

/** The type byte of packets that are neither commands nor events. */
const H4_ACL_DATA = 0x02;

/** Microseconds from the year 0, as btsnoop counts them, to 1970. */
const EPOCH_MICROSECONDS = 0x00dc_ddb3_0f2f_8000n;

const FLAG = { toHost: 1, commandOrEvent: 2 } as const;
const RECORD_HEADER_BYTES = 24;

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
