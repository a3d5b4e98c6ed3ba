import { beforeEach, describe, expect, it } from 'vitest';
import { EVENT, LE_EVENT, OPCODE } from '../hci/codes.js';
import { u16 } from '../hci/packets.js';
import { RadioSimulation } from '../simulation.js';
import { addressOf, echoAnswer, TestHost } from '../test-support/host.js';
import { ENDED } from './connection.js';

let simulation: RadioSimulation;
let host: TestHost;

beforeEach(() => {
  simulation = new RadioSimulation();
  host = new TestHost(simulation).powerOn();
});

/** Connects to a band, subscribes, and forgets what was heard. */
function linkTo(index: number, ...options: Parameters<TestHost['connect']>[1][]): number {
  const handle = host.connect(addressOf(simulation, index), ...options);
  host.subscribe(handle);
  host.heard.length = 0;
  return handle;
}

describe('connecting', () => {
  it("waits for the target's next advert", () => {
    const band = simulation.add({ intervalMs: 1_000 });
    simulation.clock.advance(3_000);
    const before = band.counters.adverts;
    host.initiate(addressOf(simulation, 0));
    while (!band.isConnected) simulation.clock.advance(1);
    expect(band.counters.adverts).toBe(before + 1);
  });

  it('takes anybody on the accept list, and nobody else', () => {
    for (let i = 0; i < 3; i++) simulation.add({ intervalMs: 100 });
    const wanted = addressOf(simulation, 1);
    host.command(OPCODE.leAddToAcceptList, [1, ...wanted.bytes]);
    host.connect(wanted, { acceptList: true });
    expect(simulation.bands.map(({ isConnected }) => isConnected)).toEqual([false, true, false]);
    host.initiate(wanted, { acceptList: true });
    simulation.clock.advance(2_000);
    expect(simulation.bands.map(({ isConnected }) => isConnected)).toEqual([false, true, false]);
  });

  it('says so when the request was lost: never established', () => {
    const band = simulation.add({ intervalMs: 100 });
    band.misbehave({ description: '', create: () => ({ onJoin: () => 'ignore' }) });
    const handle = host.connect(addressOf(simulation, 0));
    expect(host.event(EVENT.disconnectionComplete).subarray(3)).toEqual(
      Uint8Array.of(0, ...u16(handle), ENDED.neverEstablished),
    );
  });

  it('can be cancelled, of which the host hears as of a connection that failed', () => {
    simulation.add({ intervalMs: 1_000 });
    host.initiate({ bytes: new Uint8Array(6), isRandom: true, key: 'nobody' });
    expect(host.command(OPCODE.leCancelConnection).status).toBe(0);
    const failed = host.leEvent(LE_EVENT.connectionComplete);
    expect(failed[4]).toBe(0x02);
    expect(failed.subarray(5).every((byte) => byte === 0)).toBe(true);
    expect(host.command(OPCODE.leCancelConnection).status).toBe(0x0c);
  });
});

describe('a connection', () => {
  it('carries a request and its answer within a few intervals', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0);
    const asked = simulation.clock.now();
    host.sendEcho(handle, 'hello');
    expect(host.smp(handle)).toEqual(echoAnswer('hello'));
    expect(simulation.clock.now() - asked).toBeLessThan(3 * 15);
  });

  it('tells the host of every packet when it has arrived, and holds no more than it has buffers', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0);
    for (let i = 0; i < 10; i++) host.sendEcho(handle, 'x');
    simulation.clock.advance(500);
    const completed = host.heard
      .filter((packet) => packet[1] === EVENT.numberOfCompletedPackets)
      .reduce((sum, packet) => sum + (packet[6] ?? 0), 0);
    expect(completed).toBe(8);
    expect(host.heard.filter((packet) => packet[1] === EVENT.dataBufferOverflow)).toHaveLength(2);
    expect(simulation.bands[0]?.counters.requests).toBe(8);
  });

  it('cuts what is longer than a data PDU, and less so after the length was changed', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0);
    const fragments = (): number => {
      host.sendEcho(handle, 'x'.repeat(60));
      host.waitFor((packet) => packet[0] === 2 && packet[9] === 0x1b);
      simulation.clock.advance(200);
      return 1 + host.heard.splice(0).filter((packet) => packet[0] === 2).length;
    };
    host.sendAtt(handle, 0x02, 247, 0);
    simulation.clock.advance(100);
    host.heard.length = 0;
    expect(fragments()).toBe(3);
    host.command(OPCODE.leSetDataLength, [...u16(handle), ...u16(251), ...u16(2_120)]);
    const change = host.leEvent(LE_EVENT.dataLengthChange);
    expect(change.subarray(6, 8)).toEqual(Uint8Array.of(251, 0));
    expect(fragments()).toBe(1);
  });

  it('repeats what was lost: nothing is missing, nothing comes twice', () => {
    simulation.add({ intervalMs: 50 });
    const handle = linkTo(0, { timeout: 1_000 });
    simulation.air.lossRate = 0.3;
    for (let i = 0; i < 30; i++) {
      host.sendEcho(handle, `echo ${i}`);
      expect(host.smp(handle)).toEqual(echoAnswer(`echo ${i}`));
    }
    expect(simulation.bands[0]?.counters.requests).toBe(30);
  });

  it('keeps its interval, and the new one after an update', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0);
    const roundTrip = (): number => {
      const asked = simulation.clock.now();
      host.sendEcho(handle, 'x');
      host.smp(handle);
      return simulation.clock.now() - asked;
    };
    const before = roundTrip();
    host.command(OPCODE.leUpdateConnection, [
      ...u16(handle),
      ...u16(320),
      ...u16(320),
      0,
      0,
      ...u16(300),
      0,
      0,
      0,
      0,
    ]);
    host.leEvent(LE_EVENT.connectionUpdateComplete);
    expect(before).toBeLessThan(45);
    expect(roundTrip()).toBeGreaterThan(400);
  });

  it('lets a band sleep that has nothing to say, and still delivers', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0, { latency: 9, timeout: 400 });
    simulation.clock.advance(10_000);
    host.sendEcho(handle, 'wake up');
    const asked = simulation.clock.now();
    expect(host.smp(handle)).toEqual(echoAnswer('wake up'));
    expect(simulation.clock.now() - asked).toBeLessThan(12 * 15);
  });

  it('ends when the host says so, and the band advertises again', () => {
    simulation.add({ intervalMs: 100 });
    const handle = linkTo(0);
    expect(host.command(OPCODE.disconnect, [...u16(handle), 0x13]).status).toBe(0);
    expect(host.event(EVENT.disconnectionComplete)[6]).toBe(ENDED.byHost);
    expect(simulation.bands[0]?.isConnected).toBe(false);
    expect(host.connect(addressOf(simulation, 0))).toBe(handle);
  });

  it('ends when the band says so', () => {
    const band = simulation.add({ intervalMs: 100 });
    linkTo(0);
    band.control.disconnect();
    expect(host.event(EVENT.disconnectionComplete)[6]).toBe(ENDED.byPeer);
  });

  it('ends after the supervision time-out when the band is gone, not before', () => {
    const band = simulation.add({ intervalMs: 100 });
    linkTo(0, { timeout: 200 });
    band.stop();
    simulation.clock.advance(1_900);
    expect(host.heard).toEqual([]);
    expect(host.event(EVENT.disconnectionComplete, 200)[6]).toBe(ENDED.timeout);
  });

  it('is noticed by the band when the controller was reset', () => {
    const band = simulation.add({ intervalMs: 100 });
    linkTo(0, { timeout: 100 });
    host.command(OPCODE.reset);
    expect(band.isConnected).toBe(true);
    simulation.clock.advance(1_000);
    expect(band.isConnected).toBe(false);
  });
});

describe('the one radio', () => {
  it('is shared by eight busy connections, none of which starves', () => {
    for (let i = 0; i < 8; i++) simulation.add({ intervalMs: 100 });
    const handles = simulation.bands.map((_, index) => linkTo(index));
    for (const handle of handles) {
      host.command(OPCODE.leSetDataLength, [...u16(handle), ...u16(251), ...u16(2_120)]);
      host.sendAtt(handle, 0x02, 247, 0);
    }
    simulation.clock.advance(200);
    host.heard.length = 0;
    for (let round = 0; round < 5; round++) {
      for (const handle of handles) host.sendEcho(handle, 'x'.repeat(200));
      for (const handle of handles) expect(host.smp(handle)).toEqual(echoAnswer('x'.repeat(200)));
    }
  });

  it('hears fewer adverts the more connections it serves, and the shares add up to the time', () => {
    const heard = (links: number): number => {
      simulation = new RadioSimulation();
      host = new TestHost(simulation).powerOn();
      for (let i = 0; i < links; i++) simulation.add({ intervalMs: 100 });
      for (let i = 0; i < links; i++) linkTo(i);
      for (let i = 0; i < 50; i++) simulation.add({ intervalMs: 100 });
      host.scan();
      const before = simulation.clock.now();
      const { linkLayer } = host.controller;
      const start = linkLayer.counters.heard;
      simulation.clock.advance(10_000);
      const { links: used, scanning, initiating, idle } = linkLayer.share;
      expect(used + scanning + initiating + idle).toBeCloseTo(before + 10_000, 3);
      return linkLayer.counters.heard - start;
    };
    const [none, eight] = [heard(0), heard(8)];
    expect(eight).toBeLessThan(none * 0.8);
    expect(eight).toBeGreaterThan(none * 0.3);
  });

  it('hears nothing outside the scan window', () => {
    for (let i = 0; i < 50; i++) simulation.add({ intervalMs: 100 });
    const heard = (window: number): number => {
      host.heard.length = 0;
      host.scan(160, window);
      simulation.clock.advance(10_000);
      const count = host.adverts.length;
      host.command(OPCODE.leSetScanEnable, [0, 0]);
      return count;
    };
    const [all, tenth] = [heard(160), heard(16)];
    expect(tenth / all).toBeGreaterThan(0.06);
    expect(tenth / all).toBeLessThan(0.14);
  });
});
