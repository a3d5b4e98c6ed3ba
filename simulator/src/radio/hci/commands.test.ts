import { beforeEach, describe, expect, it } from 'vitest';
import { RadioSimulation } from '../simulation.js';
import { addressOf, TestHost } from '../test-support/host.js';
import { LE_EVENT, OPCODE, STATUS } from './codes.js';
import { u16 } from './packets.js';

let simulation: RadioSimulation;
let host: TestHost;

beforeEach(() => {
  simulation = new RadioSimulation();
  host = new TestHost(simulation).powerOn();
});

const SCAN_PARAMETERS = [0, ...u16(16), ...u16(16), 0, 0];

describe('a controller', () => {
  it('answers a reset with the bytes that a UART driver waits for', () => {
    host.port.write(Uint8Array.of(1, 0x03, 0x0c, 0));
    const answer = host.waitFor(() => true);
    expect(Buffer.from(answer).toString('hex')).toBe('040e0401030c00');
  });

  it('says what it is', () => {
    expect(host.command(OPCODE.readVersion).values[0]).toBeGreaterThanOrEqual(6);
    expect(host.command(OPCODE.readAddress).values).toHaveLength(6);
    expect(host.command(OPCODE.leReadBufferSize).values).toEqual(Uint8Array.of(251, 0, 8));
    expect(host.command(OPCODE.leReadAcceptListSize).values).toEqual(Uint8Array.of(16));
    expect(host.command(OPCODE.leReadMaxDataLength).values).toEqual(
      Uint8Array.of(251, 0, 72, 8, 251, 0, 72, 8),
    );
    expect(host.command(OPCODE.leReadFeatures).values).toEqual(Uint8Array.of(0x20, 0, 0, 0, 0, 0, 0, 0));
    const extended = new TestHost(simulation, { isExtended: true }).powerOn();
    expect(extended.command(OPCODE.leReadFeatures).values[1]).toBe(0x10);
  });

  it('refuses commands that it does not know', () => {
    expect(host.command(0x2fff).status).toBe(STATUS.unknownCommand);
    expect(host.command(OPCODE.leSetExtendedScanEnable, [1, 0, 0, 0, 0, 0]).status).toBe(
      STATUS.unknownCommand,
    );
  });

  it('refuses parameters that are too few, too many, or out of range', () => {
    const { invalidParameters } = STATUS;
    expect(host.command(OPCODE.leSetScanParameters, [0, 16]).status).toBe(invalidParameters);
    expect(host.command(OPCODE.reset, [0]).status).toBe(invalidParameters);
    expect(host.command(OPCODE.leCreateConnection, []).status).toBe(invalidParameters);
    const window = [0, ...u16(16), ...u16(17), 0, 0];
    expect(host.command(OPCODE.leSetScanParameters, window).status).toBe(invalidParameters);
    expect(host.command(OPCODE.leSetScanEnable, [2, 0]).status).toBe(invalidParameters);
    const peer = { bytes: new Uint8Array(6), isRandom: true, key: '' };
    expect(host.initiate(peer, { interval: 5 })).toBe(invalidParameters);
    // 100 ms is not longer than twice (1 + 9) intervals of 15 ms
    expect(host.initiate(peer, { latency: 9, timeout: 10 })).toBe(invalidParameters);
  });

  it('refuses what does not fit its state', () => {
    host.scan();
    expect(host.command(OPCODE.leSetScanParameters, SCAN_PARAMETERS).status).toBe(STATUS.disallowed);
    const peer = { bytes: new Uint8Array(6), isRandom: true, key: '' };
    expect(host.initiate(peer)).toBe(STATUS.success);
    expect(host.initiate(peer)).toBe(STATUS.disallowed);
    expect(host.command(OPCODE.leCancelConnection).status).toBe(STATUS.success);
  });

  it('refuses to scan and initiate at once when it is strict', () => {
    const strict = new TestHost(simulation, { isStrict: true }).powerOn();
    const peer = { bytes: new Uint8Array(6), isRandom: true, key: '' };
    strict.scan();
    expect(strict.initiate(peer)).toBe(STATUS.disallowed);
    strict.command(OPCODE.leSetScanEnable, [0, 0]);
    expect(strict.initiate(peer)).toBe(STATUS.success);
    expect(strict.command(OPCODE.leSetScanEnable, [1, 0]).status).toBe(STATUS.disallowed);
  });

  it('keeps the accept list as it is while it is in use, and to its size', () => {
    const entry = (index: number): number[] => [1, index, 0, 0, 0, 0, 0xc0];
    for (let i = 0; i < 16; i++) expect(host.command(OPCODE.leAddToAcceptList, entry(i)).status).toBe(0);
    expect(host.command(OPCODE.leAddToAcceptList, entry(0)).status).toBe(0);
    expect(host.command(OPCODE.leAddToAcceptList, entry(16)).status).toBe(STATUS.limitExceeded);
    host.initiate({ bytes: new Uint8Array(6), isRandom: true, key: '' }, { acceptList: true });
    expect(host.command(OPCODE.leClearAcceptList).status).toBe(STATUS.disallowed);
    host.command(OPCODE.leCancelConnection);
    expect(host.command(OPCODE.leClearAcceptList).status).toBe(0);
  });

  it('takes no more connections than it has room for, and none twice', () => {
    const small = new TestHost(simulation, { maxConnections: 2 }).powerOn();
    for (let i = 0; i < 3; i++) simulation.add({ intervalMs: 100 });
    small.connect(addressOf(simulation, 0));
    expect(small.initiate(addressOf(simulation, 0))).toBe(STATUS.connectionExists);
    small.connect(addressOf(simulation, 1));
    expect(small.initiate(addressOf(simulation, 2))).toBe(STATUS.connectionLimit);
  });

  it('refuses what is asked of a connection that there is not', () => {
    const { unknownConnection } = STATUS;
    expect(host.command(OPCODE.disconnect, [...u16(0x40), 0x13]).status).toBe(unknownConnection);
    expect(host.command(OPCODE.readRssi, u16(0x40)).status).toBe(unknownConnection);
    expect(host.command(OPCODE.leSetDataLength, [...u16(0x40), 27, 0, 0x48, 1]).status).toBe(
      unknownConnection,
    );
  });

  it('refuses to mix legacy and extended commands until it is reset', () => {
    const extended = new TestHost(simulation, { isExtended: true }).powerOn();
    const parameters = [0, 0, 1, 0, ...u16(16), ...u16(16)];
    expect(extended.command(OPCODE.leSetExtendedScanParameters, parameters).status).toBe(0);
    expect(extended.command(OPCODE.leSetScanParameters, SCAN_PARAMETERS).status).toBe(STATUS.disallowed);
    extended.command(OPCODE.reset);
    expect(extended.command(OPCODE.leSetScanParameters, SCAN_PARAMETERS).status).toBe(0);
  });

  it('tells of LE events only what the host has asked for', () => {
    simulation.add({ intervalMs: 100 });
    host.command(OPCODE.reset);
    host.scan();
    simulation.clock.advance(1_000);
    expect(host.adverts).toEqual([]);
  });

  it('reports each advert, and with a filter each advertiser once', () => {
    simulation.add({ intervalMs: 100 });
    host.scan(16, 16, true);
    simulation.clock.advance(1_000);
    const kinds = new Set(host.adverts.map((packet) => packet[5]));
    expect(kinds).toEqual(new Set([0x00, 0x04]));
    expect(host.adverts.length).toBeGreaterThan(10);
    host.command(OPCODE.leSetScanEnable, [0, 0]);
    host.heard.length = 0;
    host.command(OPCODE.leSetScanEnable, [1, 1]);
    simulation.clock.advance(1_000);
    expect(host.adverts).toHaveLength(2);
  });

  it('uses the enhanced event when the host has asked for it', () => {
    simulation.add({ intervalMs: 100 });
    host.command(OPCODE.leSetEventMask, [0x5f, 0xff, 0, 0, 0, 0, 0, 0]);
    host.initiate(addressOf(simulation, 0));
    expect(host.leEvent(LE_EVENT.enhancedConnectionComplete)).toHaveLength(3 + 31);
  });

  it('counts commands that come before the one before was answered', () => {
    const reset = Uint8Array.of(1, 0x03, 0x0c, 0);
    host.port.write(Uint8Array.of(...reset, ...reset));
    simulation.clock.advance(10);
    expect(host.controller.counters.uncredited).toBe(1);
  });
});
