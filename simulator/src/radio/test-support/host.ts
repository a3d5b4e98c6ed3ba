/** The least of a host: it speaks HCI to a controller in memory, in virtual time, and keeps what it hears. */
import { HEADER_BYTES, OP, OS_COMMAND, OS_GROUP, encode, encodePacket } from '@timeband/protocol';
import type { Address } from '../air/address.js';
import type { Path } from '../air/signal.js';
import type { EventClock } from '../clock.js';
import type { Controller } from '../controller.js';
import { ATT, MAX_MTU } from '../gatt/att.js';
import { SMP_CONFIGURATION_HANDLE, SMP_VALUE_HANDLE, uuid16 } from '../gatt/attributes.js';
import { CID, frame, Reassembler } from '../gatt/l2cap.js';
import { BOUNDARY, EVENT, LE_EVENT, OPCODE } from '../hci/codes.js';
import type { ControllerOptions } from '../hci/command.js';
import { PACKET } from '../hci/h4.js';
import { u16 } from '../hci/packets.js';
import { MemoryPort } from '../port/memory-port.js';
import type { RadioSimulation } from '../simulation.js';

const ALL = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const STEP_MS = 0.5;
const PATIENCE_MS = 5_000;

export interface ConnectOptions {
  /** Units of 1.25 ms. */
  readonly interval?: number;
  readonly latency?: number;
  /** Units of 10 ms. */
  readonly timeout?: number;
  readonly acceptList?: boolean;
}

export class TestHost {
  readonly heard: Uint8Array[] = [];
  readonly controller: Controller;
  readonly port: MemoryPort;
  private readonly clock: EventClock;
  private readonly reassemblers = new Map<number, Reassembler>();
  private readonly pdus = new Map<number, Uint8Array[]>();

  constructor(simulation: RadioSimulation, options: ControllerOptions = {}, path?: Path) {
    this.clock = simulation.clock;
    this.port = new MemoryPort(simulation.clock, simulation.controller(options, path));
    this.controller = this.port.controller;
    this.port.onData = (packet) => {
      this.heard.push(packet);
      if (packet[0] === PACKET.acl) this.putTogether(packet);
    };
  }

  /** Attribute PDUs of a connection that nobody has taken. */
  private pdusOf(handle: number): Uint8Array[] {
    const pdus = this.pdus.get(handle) ?? [];
    this.pdus.set(handle, pdus);
    return pdus;
  }

  private putTogether(packet: Uint8Array): void {
    const [, low = 0, high = 0] = packet;
    const handle = low | ((high & 0x0f) << 8);
    const reassembler =
      this.reassemblers.get(handle) ??
      new Reassembler(MAX_MTU, (cid, payload) => {
        if (cid === CID.att) this.pdusOf(handle).push(payload);
      });
    this.reassemblers.set(handle, reassembler);
    reassembler.push({ isStart: high >> 4 === BOUNDARY.controllerStart, bytes: packet.subarray(5) });
  }

  /** Resets the controller and asks for every event. */
  powerOn(): this {
    this.command(OPCODE.reset);
    this.command(OPCODE.setEventMask, ALL);
    this.command(OPCODE.leSetEventMask, [0x5f, 0, 0, 0, 0, 0, 0, 0]);
    return this;
  }

  /** Status of a command, and the values after it. */
  command(opcode: number, parameters: readonly number[] = []): { status: number; values: Uint8Array } {
    this.port.write(Uint8Array.of(PACKET.command, ...u16(opcode), parameters.length, ...parameters));
    const answer = this.waitFor(
      (packet) =>
        (packet[1] === EVENT.commandComplete && packet[4] === (opcode & 0xff) && packet[5] === opcode >> 8) ||
        (packet[1] === EVENT.commandStatus && packet[5] === (opcode & 0xff) && packet[6] === opcode >> 8),
    );
    const isStatus = answer[1] === EVENT.commandStatus;
    return { status: answer[isStatus ? 3 : 6] ?? -1, values: answer.subarray(isStatus ? answer.length : 7) };
  }

  /** Takes the first packet that fits out of what was heard, waiting for it in virtual time. */
  waitFor(fits: (packet: Uint8Array) => boolean, patienceMs = PATIENCE_MS): Uint8Array {
    const until = this.clock.now() + patienceMs;
    for (;;) {
      const at = this.heard.findIndex(fits);
      const [found] = at < 0 ? [] : this.heard.splice(at, 1);
      if (found !== undefined) return found;
      if (this.clock.now() >= until) throw new Error(`not heard within ${patienceMs} ms`);
      this.clock.advance(STEP_MS);
    }
  }

  event(code: number, patienceMs?: number): Uint8Array {
    return this.waitFor((packet) => packet[0] === PACKET.event && packet[1] === code, patienceMs);
  }

  leEvent(subevent: number, patienceMs?: number): Uint8Array {
    return this.waitFor(
      (packet) => packet[0] === PACKET.event && packet[1] === EVENT.leMeta && packet[3] === subevent,
      patienceMs,
    );
  }

  /** Legacy advertising reports so far. */
  get adverts(): Uint8Array[] {
    return this.heard.filter(
      (packet) => packet[1] === EVENT.leMeta && packet[3] === LE_EVENT.advertisingReport,
    );
  }

  /** Interval and window in units of 0.625 ms. */
  scan(interval = 16, window = interval, isActive = false): void {
    this.command(OPCODE.leSetScanParameters, [isActive ? 1 : 0, ...u16(interval), ...u16(window), 0, 0]);
    this.command(OPCODE.leSetScanEnable, [1, 0]);
  }

  initiate(peer: Address, options: ConnectOptions = {}): number {
    const { interval = 12, latency = 0, timeout = 200, acceptList = false } = options;
    return this.command(OPCODE.leCreateConnection, [
      ...[...u16(96), ...u16(96), acceptList ? 1 : 0],
      ...[peer.isRandom ? 1 : 0, ...peer.bytes, 0],
      ...[...u16(interval), ...u16(interval), ...u16(latency), ...u16(timeout), 0, 0, 0, 0],
    ]).status;
  }

  /** Connects; the connection's handle. */
  connect(peer: Address, options?: ConnectOptions): number {
    this.initiate(peer, options);
    const complete = this.leEvent(LE_EVENT.connectionComplete);
    const handle = (complete[5] ?? 0) | ((complete[6] ?? 0) << 8);
    this.pdus.delete(handle); // those of an earlier connection
    return handle;
  }

  sendAcl(handle: number, payload: Uint8Array): void {
    this.port.write(Uint8Array.of(PACKET.acl, ...u16(handle), ...u16(payload.length), ...payload));
  }

  sendAtt(handle: number, ...pdu: number[]): void {
    this.sendAcl(handle, frame(CID.att, Uint8Array.from(pdu)));
  }

  /** Takes the first attribute PDU of this kind from a band, waiting for it. */
  att(handle: number, opcode: number, patienceMs = PATIENCE_MS): Uint8Array {
    const until = this.clock.now() + patienceMs;
    const pdus = this.pdusOf(handle);
    for (;;) {
      const at = pdus.findIndex(([first]) => first === opcode);
      const [found] = at < 0 ? [] : pdus.splice(at, 1);
      if (found !== undefined) return found;
      if (this.clock.now() >= until) throw new Error(`no such PDU within ${patienceMs} ms`);
      this.clock.advance(STEP_MS);
    }
  }

  /** Values of the notifications that have come so far. */
  notifications(handle: number): Uint8Array[] {
    return this.pdusOf(handle)
      .filter(([first]) => first === ATT.notification)
      .map((pdu) => pdu.subarray(3));
  }

  subscribe(handle: number): void {
    this.sendAtt(handle, ATT.writeRequest, ...uuid16(SMP_CONFIGURATION_HANDLE), 1, 0);
    this.att(handle, ATT.writeResponse);
  }

  /** Writes an SMP echo request that fits one write. */
  sendEcho(handle: number, text: string): void {
    this.sendAtt(handle, ATT.writeCommand, ...uuid16(SMP_VALUE_HANDLE), ...echoRequest(text));
  }

  /** An SMP packet out of notifications. */
  smp(handle: number): Uint8Array {
    const bytes: number[] = [];
    const isWhole = (): boolean =>
      bytes.length >= HEADER_BYTES && bytes.length >= HEADER_BYTES + (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0);
    while (!isWhole()) bytes.push(...this.att(handle, ATT.notification).subarray(3));
    return Uint8Array.from(bytes);
  }
}

export function echoRequest(text: string): Uint8Array {
  const payload = encode(new Map([['d', text]]));
  return encodePacket({ op: OP.write, group: OS_GROUP, id: OS_COMMAND.echo, sequence: 1, payload });
}

/** What a band answers to {@link echoRequest}. */
export function echoAnswer(text: string): Uint8Array {
  const payload = encode(new Map([['r', text]]));
  return encodePacket({ op: OP.writeResponse, group: OS_GROUP, id: OS_COMMAND.echo, sequence: 1, payload });
}

/** Under which a band advertises. */
export function addressOf(simulation: RadioSimulation, index: number): Address {
  const advert = simulation.bands[index]?.firmware.advert();
  if (advert === undefined) throw new Error(`band ${index} does not advertise`);
  return advert.address;
}
