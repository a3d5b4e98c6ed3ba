import { describe, expect, it } from 'vitest';
import { EVENT, OPCODE } from './hci/codes.js';
import { RadioSimulation } from './simulation.js';
import { addressOf, TestHost } from './test-support/host.js';

describe('a radio simulation', () => {
  it('keeps nothing of bands that came and went, connected or not', () => {
    const simulation = new RadioSimulation();
    const host = new TestHost(simulation).powerOn();
    host.scan();
    for (let round = 0; round < 20; round++) {
      const bands = Array.from({ length: 20 }, () => simulation.add({ intervalMs: 100 }));
      const handle = host.connect(addressOf(simulation, 0), { timeout: 50 });
      host.subscribe(handle);
      for (const band of bands) simulation.remove(band);
      host.event(EVENT.disconnectionComplete);
    }
    host.command(OPCODE.leSetScanEnable, [0, 0]);
    simulation.clock.advance(20_000);
    expect(simulation.bands).toEqual([]);
    expect(simulation.clock.pending).toBe(0);
    expect(host.controller.linkLayer.connections.size).toBe(0);
  });

  it('gives every band a name and an address of its own, the same for the same seed', () => {
    const addresses = (seed: string): string[] => {
      const simulation = new RadioSimulation({ seed });
      for (let i = 0; i < 50; i++) simulation.add();
      return simulation.bands.map((_, index) => addressOf(simulation, index).key);
    };
    expect(new Set(addresses('a')).size).toBe(50);
    expect(addresses('a')).toEqual(addresses('a'));
    expect(addresses('a')).not.toEqual(addresses('b'));
  });
});
