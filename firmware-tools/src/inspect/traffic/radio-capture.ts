/**
 * What went between a host and its Bluetooth controller: btsnoop records of HCI packets over H4, as `bandsim radio` and
 * Android write them. Taken out of it is what is ours: SMP packets in the values of GATT, and adverts (Bluetooth Core,
 * Vol 4 Part E; Vol 3 Parts A, F).
 */
import { PacketAssembler, readSnoop, systemTimers } from '@timeband/protocol';
import type { Direction, Exchange } from './exchange.js';
import { directionOf } from './serial-capture.js';

const H4 = { acl: 2, event: 4 } as const;
const EVENT = { disconnected: 0x05, leMeta: 0x3e } as const;
const SUBEVENT = {
  ...{ connected: 0x01, advertising: 0x02, enhancedConnected: 0x0a, extendedAdvertising: 0x0d },
} as const;
/** Bytes of a report before its data: of legacy and of extended advertising (Vol 4 Part E, 7.7.65). */
const LEGACY_REPORT_BYTES = 9;
const EXTENDED_REPORT_BYTES = 24;
const ATT_CHANNEL = 4;
const ATT = {
  error: 0x01,
  mtuAnswer: 0x03,
  writeRequest: 0x12,
  notification: 0x1b,
  writeCommand: 0x52,
} as const;
/** Boundary flag of an ACL packet that goes on with a message of L2CAP. */
const CONTINUATION = 1;
/** A message of L2CAP with its header. */
const MAX_L2CAP_BYTES = 65_539;

/** One direction of one connection. */
interface Channel {
  /** What is there of a message of L2CAP, and how long it is to be. */
  l2cap: { bytes: number[]; length: number } | undefined;
  readonly values: PacketAssembler;
}

export class RadioTraffic {
  private readonly channels = new Map<string, Channel>();
  private readonly addresses = new Map<number, string>();
  /** Handles of attributes over which SMP was spoken. */
  private readonly smpHandles = new Set<string>();
  private at = 0;

  constructor(private readonly seen: (exchange: Exchange) => void) {}

  /** A packet with its H4 type byte. @param at Unix milliseconds */
  push(packet: Uint8Array, isToHost: boolean, at: number): void {
    this.at = at;
    if (packet[0] === H4.acl) this.acl(packet.subarray(1), isToHost);
    else if (packet[0] === H4.event && isToHost) this.event(packet.subarray(1));
  }

  private event(event: Uint8Array): void {
    const [code, , subevent = 0] = event;
    const body = event.subarray(3);
    if (code === EVENT.disconnected) this.disconnected(uint16(event, 3));
    else if (code !== EVENT.leMeta) return;
    else if (subevent === SUBEVENT.advertising) this.adverts(body);
    else if (subevent === SUBEVENT.extendedAdvertising) this.extendedAdverts(body);
    else if (subevent === SUBEVENT.connected || subevent === SUBEVENT.enhancedConnected) this.connected(body);
  }

  /** Each report is a type, an address, its data and how strong it was. */
  private adverts(body: Uint8Array): void {
    const count = body[0] ?? 0;
    for (let i = 0, at = 1; i < count && at + LEGACY_REPORT_BYTES <= body.length; i++) {
      const length = body[at + 8] ?? 0;
      const data = at + LEGACY_REPORT_BYTES;
      this.advert(body.subarray(at + 2, at + 8), body.subarray(data, data + length), body[data + length]);
      at = data + length + 1;
    }
  }

  /** The same with PHYs, sets and more in between. */
  private extendedAdverts(body: Uint8Array): void {
    const count = body[0] ?? 0;
    for (let i = 0, at = 1; i < count && at + EXTENDED_REPORT_BYTES <= body.length; i++) {
      const length = body[at + 23] ?? 0;
      const data = at + EXTENDED_REPORT_BYTES;
      this.advert(body.subarray(at + 3, at + 9), body.subarray(data, data + length), body[at + 13]);
      at = data + length;
    }
  }

  /** @param from least significant byte first @param strength dBm as a signed byte, 127 where it is not known */
  private advert(from: Uint8Array, bytes: Uint8Array, strength: number | undefined): void {
    if (bytes.length === 0) return;
    const address = from.slice().reverse();
    const rssi = strength === undefined || strength === 127 ? undefined : (strength << 24) >> 24;
    const where = addressText(address);
    this.tell({ kind: 'advert', bytes, address, rssi, direction: 'from device', where });
  }

  private connected(body: Uint8Array): void {
    const [status] = body;
    if (status !== 0) {
      this.tell({ kind: 'note', says: `no connection (status ${String(status)})` });
      return;
    }
    const handle = uint16(body, 1);
    const where = addressText(body.subarray(5, 11).slice().reverse());
    this.addresses.set(handle, where);
    this.tell({ kind: 'note', says: 'connected', where });
  }

  private disconnected(handle: number): void {
    const where = this.nameOf(handle);
    this.tell({ kind: 'note', says: 'disconnected', where });
    for (const direction of ['in', 'out']) {
      this.channels.get(`${handle}/${direction}`)?.values.reset();
      this.channels.delete(`${handle}/${direction}`);
    }
    this.addresses.delete(handle);
  }

  private acl(packet: Uint8Array, isToHost: boolean): void {
    if (packet.length < 4) return;
    const head = uint16(packet, 0);
    const handle = head & 0x0fff;
    const data = packet.subarray(4);
    const channel = this.channel(handle, isToHost);
    if (((head >> 12) & 3) === CONTINUATION) channel.l2cap?.bytes.push(...data);
    else channel.l2cap = { bytes: [...data], length: Math.min(MAX_L2CAP_BYTES, 4 + uint16(data, 0)) };
    if (channel.l2cap === undefined || channel.l2cap.bytes.length < channel.l2cap.length) return;
    const message = Uint8Array.from(channel.l2cap.bytes.slice(0, channel.l2cap.length));
    channel.l2cap = undefined;
    if (uint16(message, 2) === ATT_CHANNEL) this.att(message.subarray(4), handle, channel);
  }

  private att(message: Uint8Array, handle: number, channel: Channel): void {
    const [opcode] = message;
    const where = this.nameOf(handle);
    if (opcode === ATT.mtuAnswer) this.tell({ kind: 'note', says: `MTU ${uint16(message, 1)}`, where });
    else if (opcode === ATT.error)
      this.tell({ kind: 'note', says: `ATT error ${message[4] ?? 0} to request ${message[1] ?? 0}`, where });
    if (opcode !== ATT.writeCommand && opcode !== ATT.notification && opcode !== ATT.writeRequest) return;
    const attribute = `${handle}/${uint16(message, 1)}`;
    const value = message.subarray(3);
    // A write that subscribes is two bytes to another attribute: SMP begins with a header.
    if (!this.smpHandles.has(attribute) && !looksLikeSmp(value)) return;
    this.smpHandles.add(attribute);
    channel.values.push(value);
  }

  private channel(handle: number, isToHost: boolean): Channel {
    const name = `${handle}/${isToHost ? 'in' : 'out'}`;
    const known = this.channels.get(name);
    if (known !== undefined) return known;
    const direction: Direction = isToHost ? 'from device' : 'to device';
    const tell = (exchange: Exchange): void => {
      this.tell({ ...exchange, where: this.nameOf(handle) });
    };
    const made: Channel = {
      l2cap: undefined,
      values: new PacketAssembler({
        // A capture has its own time: what is never whole is given up when its connection ends.
        timers: { ...systemTimers, after: () => () => undefined },
        packet: (bytes) => {
          tell({ kind: 'packet', bytes, direction: directionOf(bytes) ?? direction });
        },
        fault: ({ code, message }) => {
          tell({ kind: 'fault', code, message, direction });
        },
      }),
    };
    this.channels.set(name, made);
    return made;
  }

  private nameOf(handle: number): string {
    return this.addresses.get(handle) ?? `connection ${handle}`;
  }

  private tell(exchange: Exchange): void {
    this.seen({ at: this.at, ...exchange });
  }
}

/** @throws FrameError when it is no btsnoop of H4 */
export function readRadioCapture(bytes: Uint8Array): Exchange[] {
  const seen: Exchange[] = [];
  const traffic = new RadioTraffic((exchange) => seen.push(exchange));
  for (const { packet, isToHost, unixMs } of readSnoop(bytes)) traffic.push(packet, isToHost, unixMs);
  return seen;
}

function looksLikeSmp(value: Uint8Array): boolean {
  const [head = 0xff, flags] = value;
  return value.length >= 8 && head < 0x10 && (head & 7) <= 3 && flags === 0 && value[4] === 0;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** `c0:11:22:33:44:55`, most significant byte first. */
function addressText(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
