import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../bytes.js';
import type { TimebandError } from '../errors.js';
import { encodePacket, OP } from '../smp/index.js';
import { codeOf } from '../test-support/index.js';
import { ManualTimers } from '../testing/index.js';
import { GattLink, type GattPort, type GattPortHandlers } from './gatt-link.js';
import { MAX_GATT_PACKET_BYTES, REASSEMBLY_MS } from './packet-assembler.js';

class FakePort implements GattPort {
  readonly name = 'band';
  readonly written: Uint8Array[] = [];
  handlers: GattPortHandlers | undefined;

  constructor(readonly mtu: number) {}

  readonly start = (handlers: GattPortHandlers): void => {
    this.handlers = handlers;
  };
  readonly write = (value: Uint8Array): void => {
    this.written.push(value);
  };
  readonly close = (): Promise<void> => {
    this.handlers?.closed();
    return Promise.resolve();
  };
}

function open(mtu = 247) {
  const timers = new ManualTimers();
  const port = new FakePort(mtu);
  const link = new GattLink(port, timers);
  const packets: Uint8Array[] = [];
  const faults: TimebandError[] = [];
  const closed: (Error | undefined)[] = [];
  link.start({
    packet: (packet) => packets.push(packet),
    fault: (error) => faults.push(error),
    closed: (reason) => closed.push(reason),
  });
  const notify = (value: Uint8Array): void => port.handlers?.value(value);
  return { timers, port, link, packets, faults, closed, notify };
}

const packets = fc
  .uint8Array({ maxLength: 600 })
  .map((payload) => encodePacket({ op: OP.readResponse, group: 84, id: 1, sequence: 7, payload }));

describe('SMP over GATT', () => {
  it('cuts a packet into values that fit the MTU, from 23 up, and nothing is lost', () => {
    fc.assert(
      fc.property(packets, fc.integer({ min: 23, max: 517 }), (packet, mtu) => {
        const { link, port } = open(mtu);
        link.send(packet);
        expect(concat(...port.written)).toEqual(packet);
        expect(port.written.every(({ length }) => length > 0 && length <= mtu - 3)).toBe(true);
      }),
    );
  });

  it('takes a port that calls its MTU less than 23 for one of 23', () => {
    const { link, port } = open(0);
    link.send(new Uint8Array(41));
    expect(port.written.map(({ length }) => length)).toEqual([20, 20, 1]);
  });

  it('puts packets together by the length in their header, however they were cut', () => {
    fc.assert(
      fc.property(fc.array(packets, { maxLength: 5 }), fc.integer({ min: 1, max: 244 }), (sent, size) => {
        const { packets: got, faults, notify } = open();
        for (const packet of sent)
          for (let at = 0; at < packet.length; at += size) notify(packet.subarray(at, at + size));
        expect(got).toEqual(sent);
        expect(faults).toEqual([]);
      }),
    );
  });

  it('gives up a packet that is not whole after 5 s, and takes the next', () => {
    const { timers, packets: got, faults, notify } = open();
    const packet = encodePacket({ op: OP.read, group: 0, id: 0, sequence: 0, payload: new Uint8Array(30) });
    notify(packet.subarray(0, 20));
    timers.advance(REASSEMBLY_MS);
    notify(packet);
    expect(faults.map(({ code }) => code)).toEqual(['frame/truncated']);
    expect(got).toEqual([packet]);
    expect(timers.pending).toBe(0);
  });

  it('never holds more than the longest packet, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 60 }), (values) => {
        const { packets: got, notify } = open();
        for (const value of values) notify(value);
        expect(got.every(({ length }) => length <= MAX_GATT_PACKET_BYTES)).toBe(true);
      }),
    );
  });

  it.each([
    ['whose header promises more than the longest packet', Uint8Array.of(0, 0, 0xff, 0xff)],
    ['that goes on beyond its length', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1)],
  ])('refuses a packet %s, and goes on', (_, value) => {
    const { packets: got, faults, notify } = open();
    notify(value);
    notify(encodePacket({ op: OP.read, group: 0, id: 0, sequence: 0, payload: new Uint8Array() }));
    expect(faults.map(({ code }) => code)).toEqual(['frame/overlong']);
    expect(got).toHaveLength(1);
  });

  it('says once that it is closed, then neither sends nor delivers', async () => {
    const { link, packets: got, closed, notify, port, timers } = open();
    notify(Uint8Array.of(1, 2));
    await link.close();
    port.handlers?.closed(new Error('again'));
    notify(new Uint8Array(8));
    expect(closed).toEqual([undefined]);
    expect(got).toEqual([]);
    expect(timers.pending).toBe(0);
    expect(
      codeOf(() => {
        link.send(new Uint8Array(8));
      }),
    ).toBe('link/closed');
  });
});
