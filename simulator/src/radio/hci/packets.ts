/** HCI packets from a controller to its host, type byte included (Core, Vol 4, Part E, 5.4 and 7.7). */
import type { Address } from '../air/address.js';
import { INTERVAL_UNIT_MS } from '../air/timing.js';
import type { ConnectionSettings } from '../link-layer/connection.js';
import type { Fragment } from '../link-layer/ends.js';
import type { AdvertReport } from '../link-layer/scanner.js';
import { BOUNDARY, EVENT, LE_EVENT, type LeEvent } from './codes.js';
import { PACKET } from './h4.js';

/** Commands that the host may have outstanding. */
const CREDITS = 1;

/** Least significant byte first, as all of HCI. */
export function u16(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function event(code: number, ...parameters: number[]): Uint8Array {
  return Uint8Array.of(PACKET.event, code, parameters.length, ...parameters);
}

function leEvent(subevent: LeEvent, ...parameters: number[]): Uint8Array {
  return event(EVENT.leMeta, subevent, ...parameters);
}

export function commandComplete(opcode: number, status: number, values: readonly number[] = []): Uint8Array {
  return event(EVENT.commandComplete, CREDITS, ...u16(opcode), status, ...values);
}

export function commandStatus(opcode: number, status: number): Uint8Array {
  return event(EVENT.commandStatus, status, CREDITS, ...u16(opcode));
}

export function hardwareError(code: number): Uint8Array {
  return event(EVENT.hardwareError, code);
}

const ACL_LINK = 0x01;
export function dataBufferOverflow(): Uint8Array {
  return event(EVENT.dataBufferOverflow, ACL_LINK);
}

export function disconnectionComplete(handle: number, reason: number): Uint8Array {
  return event(EVENT.disconnectionComplete, 0, ...u16(handle), reason);
}

export function completedPackets(handle: number, count: number): Uint8Array {
  return event(EVENT.numberOfCompletedPackets, 1, ...u16(handle), ...u16(count));
}

export function aclData(handle: number, { isStart, bytes }: Fragment): Uint8Array {
  const boundary = isStart ? BOUNDARY.controllerStart : BOUNDARY.continuing;
  const out = new Uint8Array(5 + bytes.length);
  out.set([PACKET.acl, ...u16(handle | (boundary << 12)), ...u16(bytes.length)]);
  out.set(bytes, 5);
  return out;
}

const ROLE_CENTRAL = 0;
const NO_ADDRESS = [0, 0, 0, 0, 0, 0];
/** 50 ppm, in the coding of the clock accuracy field. */
const CLOCK_ACCURACY = 5;

export interface ConnectionResult {
  readonly status: number;
  readonly handle: number;
  readonly peer: Address | undefined;
  readonly settings: ConnectionSettings | undefined;
}

export function connectionComplete(
  { status, handle, peer, settings }: ConnectionResult,
  isEnhanced: boolean,
) {
  return leEvent(
    isEnhanced ? LE_EVENT.enhancedConnectionComplete : LE_EVENT.connectionComplete,
    status,
    ...u16(handle),
    ROLE_CENTRAL,
    peer?.isRandom === true ? 1 : 0,
    ...(peer?.bytes ?? NO_ADDRESS),
    ...(isEnhanced ? [...NO_ADDRESS, ...NO_ADDRESS] : []), // no private addresses resolved by the controller
    ...(settings === undefined ? [0, 0, 0, 0, 0, 0] : settingsOf(settings)),
    settings === undefined ? 0 : CLOCK_ACCURACY,
  );
}

export function connectionUpdateComplete(handle: number, settings: ConnectionSettings): Uint8Array {
  return leEvent(LE_EVENT.connectionUpdateComplete, 0, ...u16(handle), ...settingsOf(settings));
}

/** Microseconds that a payload of so many octets takes, as the data length events count them. */
export function octetsTime(octets: number): number {
  return (octets + 14) * 8;
}

export function dataLengthChange(handle: number, octets: number): Uint8Array {
  const each = [...u16(octets), ...u16(octetsTime(octets))];
  return leEvent(LE_EVENT.dataLengthChange, ...u16(handle), ...each, ...each);
}

function settingsOf({ intervalMs, latency, timeoutMs }: ConnectionSettings): number[] {
  return [
    ...u16(Math.round(intervalMs / INTERVAL_UNIT_MS)),
    ...u16(latency),
    ...u16(Math.round(timeoutMs / 10)),
  ];
}

/** Kinds of adverts in a legacy report. */
const ADV = { connectable: 0x00, scannable: 0x02, nonConnectable: 0x03, scanResponse: 0x04 } as const;

export function advertisingReport(report: AdvertReport): Uint8Array {
  const { address, data, rssi, isScanResponse, isConnectable, isScannable } = report;
  const undirected = isScannable ? ADV.scannable : ADV.nonConnectable;
  const kind = isScanResponse ? ADV.scanResponse : isConnectable ? ADV.connectable : undirected;
  return leEvent(
    LE_EVENT.advertisingReport,
    1,
    kind,
    address.isRandom ? 1 : 0,
    ...address.bytes,
    data.length,
    ...data,
    signedByte(rssi),
  );
}

/** Bits of the event type in an extended report. */
const EXT = { connectable: 0x01, scannable: 0x02, scanResponse: 0x08, legacy: 0x10 } as const;
const PHY_1M = 1;
const NONE = { sid: 0xff, txPower: 0x7f } as const;

/** A legacy advert in an extended report. */
export function extendedAdvertisingReport(report: AdvertReport): Uint8Array {
  const { address, data, rssi, isScanResponse, isConnectable, isScannable } = report;
  const kind =
    EXT.legacy |
    (isConnectable ? EXT.connectable | EXT.scannable : isScannable ? EXT.scannable : 0) |
    (isScanResponse ? EXT.scanResponse : 0);
  return leEvent(
    LE_EVENT.extendedAdvertisingReport,
    1,
    ...u16(kind),
    address.isRandom ? 1 : 0,
    ...address.bytes,
    ...[PHY_1M, 0, NONE.sid, NONE.txPower, signedByte(rssi)],
    ...u16(0), // not periodic
    ...[0, ...NO_ADDRESS],
    data.length,
    ...data,
  );
}

/** dBm within what a report can say. */
export function signedByte(dbm: number): number {
  return Math.max(-127, Math.min(20, Math.round(dbm))) & 0xff;
}
