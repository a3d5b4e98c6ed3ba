import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random.js';
import { RadioSimulation } from '../simulation.js';
import { addressOf, TestHost } from '../test-support/host.js';
import { lossAt, signalStrength, standingAt, walkingBetween } from './signal.js';

function meanStrength(metres: number): number {
  const random = seededRandom('strength');
  const samples = Array.from({ length: 400 }, () =>
    signalStrength({ x: 0, y: 0 }, { x: metres, y: 0 }, random),
  );
  return samples.reduce((sum, dbm) => sum + dbm, 0) / samples.length;
}

describe('signal strength', () => {
  it('falls with the distance, and with it what arrives', () => {
    const strengths = [1, 5, 10, 30, 100].map(meanStrength);
    expect([...strengths].sort((a, b) => b - a)).toEqual(strengths);
    expect(strengths[0]).toBeCloseTo(-52, 0);
    expect(lossAt(meanStrength(10))).toBeLessThan(0.001);
    expect(lossAt(meanStrength(200))).toBeGreaterThan(0.99);
  });

  it('follows a band that walks', () => {
    const path = walkingBetween({ x: 0, y: 0 }, { x: 10, y: 0 }, 1);
    expect([0, 5_000, 10_000, 15_000, 20_000].map((now) => path(now).x)).toEqual([0, 5, 10, 5, 0]);
    expect(walkingBetween({ x: 3, y: 4 }, { x: 3, y: 4 }, 1)(700)).toEqual({ x: 3, y: 4 });
  });
});

describe('the air', () => {
  it('lets about 47 % of adverts through when 1,000 bands advertise every second', () => {
    const simulation = new RadioSimulation();
    for (let i = 0; i < 1_000; i++) simulation.add({ firmware: fullAdvert(i) });
    simulation.clock.advance(5_000);
    const { adverts, collided } = simulation.air.counters;
    expect(adverts).toBeGreaterThan(4_800);
    expect(1 - collided / adverts).toBeGreaterThan(0.45);
    expect(1 - collided / adverts).toBeLessThan(0.5);
  });

  it('carries the same for the same seed, and something else for another', () => {
    const run = (seed: string): string[] => {
      const simulation = new RadioSimulation({ seed });
      const host = new TestHost(simulation).powerOn();
      for (let i = 0; i < 20; i++) simulation.add({ intervalMs: 100 });
      host.scan();
      simulation.clock.advance(2_000);
      return host.adverts.map((packet) => Buffer.from(packet).toString('hex'));
    };
    expect(run('a')).toEqual(run('a'));
    expect(run('a')).not.toEqual(run('b'));
  });

  it('loses the share of packets that it was told to', () => {
    const heard = (lossRate: number): number => {
      const simulation = new RadioSimulation({ lossRate });
      const host = new TestHost(simulation).powerOn();
      simulation.add({ intervalMs: 20 });
      host.scan();
      simulation.clock.advance(20_000);
      return host.adverts.length;
    };
    expect(heard(0.5) / heard(0)).toBeGreaterThan(0.45);
    expect(heard(0.5) / heard(0)).toBeLessThan(0.55);
  });

  it('is heard by every controller that is near, and by none that is far', () => {
    const simulation = new RadioSimulation();
    const near = [
      new TestHost(simulation).powerOn(),
      new TestHost(simulation, {}, standingAt(3, 3)).powerOn(),
    ];
    const far = new TestHost(simulation, {}, standingAt(2_000, 0)).powerOn();
    simulation.add({ intervalMs: 100 });
    for (const host of [...near, far]) host.scan();
    simulation.clock.advance(2_000);
    for (const host of near) expect(host.adverts.length).toBeGreaterThan(15);
    expect(far.adverts).toEqual([]);
  });

  it('takes each band to one connection only, whoever asks', () => {
    const simulation = new RadioSimulation();
    const hosts = [0, 1].map(() => new TestHost(simulation).powerOn());
    simulation.add({ intervalMs: 100 });
    for (const host of hosts) host.initiate(addressOf(simulation, 0));
    simulation.clock.advance(2_000);
    expect(simulation.bands[0]?.counters.connections).toBe(1);
  });
});

/** Adverts of the full length, which is what the share that gets through was measured with. */
function fullAdvert(index: number) {
  const random = seededRandom(`advert ${index}`);
  const address = { bytes: random.bytes(6), isRandom: true, key: String(index) };
  const advert = { address, data: new Uint8Array(31), isConnectable: true, intervalMs: 1_000 };
  const nothing = (): void => undefined;
  return () => ({
    advert: () => advert,
    maxPacketBytes: 0,
    received: nothing,
    connected: nothing,
    disconnected: nothing,
    rebooted: nothing,
  });
}
