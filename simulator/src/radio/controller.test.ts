import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT, OPCODE } from './hci/codes.js';
import { RadioSimulation } from './simulation.js';
import { addressOf, echoAnswer, TestHost } from './test-support/host.js';

function connected() {
  const simulation = new RadioSimulation();
  simulation.add({ intervalMs: 50 });
  const host = new TestHost(simulation).powerOn();
  const handle = host.connect(addressOf(simulation, 0));
  return { simulation, host, handle };
}

const opcode = fc.oneof(fc.constantFrom(...Object.values(OPCODE)), fc.nat(0xffff));
const command = fc
  .tuple(opcode, fc.uint8Array({ maxLength: 60 }))
  .map(([code, params]) => Uint8Array.of(1, code & 0xff, code >> 8, params.length, ...params));
const acl = fc
  .tuple(fc.oneof(fc.constant(0x40), fc.nat(0xffff)), fc.uint8Array({ maxLength: 80 }))
  .map(([handle, data]) => Uint8Array.of(2, handle & 0xff, handle >> 8, data.length, 0, ...data));

describe('a controller in the hands of a hostile host', () => {
  it('survives any bytes, and works again after a reset', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
        const { simulation, host } = connected();
        for (const chunk of chunks) {
          host.port.write(chunk);
          simulation.clock.advance(20);
        }
        simulation.clock.advance(2_000);
        host.heard.length = 0;
        host.port.write(Uint8Array.of(1, 0x03, 0x0c, 0));
        host.event(EVENT.commandComplete);
        expect(host.command(OPCODE.readVersion).status).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('answers every command that is one, whatever its parameters, while others carry data', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(command, acl), { maxLength: 40 }), (packets) => {
        const { simulation, host } = connected();
        host.heard.length = 0;
        for (const packet of packets) {
          host.port.write(packet);
          simulation.clock.advance(5);
        }
        simulation.clock.advance(100);
        const answers = host.heard.filter(
          ([, code]) => code === EVENT.commandComplete || code === EVENT.commandStatus,
        );
        expect(answers).toHaveLength(packets.filter(([type]) => type === 1).length);
      }),
      { numRuns: 60 },
    );
  });

  it('holds a bounded number of commands that came without credit', () => {
    const { simulation, host } = connected();
    host.heard.length = 0;
    for (let i = 0; i < 500; i++) host.port.write(Uint8Array.of(1, 0x01, 0x10, 0));
    simulation.clock.advance(1_000);
    expect(host.heard.length).toBeGreaterThanOrEqual(32);
    expect(host.heard.length).toBeLessThan(500);
    expect(host.command(OPCODE.readVersion).status).toBe(0);
  });
});

describe('a controller whose host lags', () => {
  it('drops adverts, and nothing else', () => {
    const simulation = new RadioSimulation();
    for (let i = 0; i < 20; i++) simulation.add({ intervalMs: 100 });
    const written: Uint8Array[] = [];
    let backlog = 0;
    const line = { write: (packet: Uint8Array) => void written.push(packet), backlog: () => backlog };
    const controller = simulation.controller()(line);
    const send = (...bytes: number[]): void => {
      controller.receive(Uint8Array.from(bytes));
      simulation.clock.advance(1);
    };
    send(1, 0x01, 0x0c, 8, 255, 255, 255, 255, 255, 255, 255, 255);
    send(1, 0x0c, 0x20, 2, 1, 0);
    simulation.clock.advance(1_000);
    expect(written.length).toBeGreaterThan(50);
    backlog = 3_000;
    written.length = 0;
    simulation.clock.advance(1_000);
    expect(written).toEqual([]);
    expect(controller.counters.advertsDropped).toBeGreaterThan(50);
    send(1, 0x09, 0x10, 0);
    expect(written).toHaveLength(1);
  });
});

describe('a controller with a fault', () => {
  it('says and hears nothing while it is silent, and goes on after', () => {
    const { simulation, host } = connected();
    host.controller.fallSilent(5_000);
    host.heard.length = 0;
    host.port.write(Uint8Array.of(1, 0x01, 0x10, 0));
    simulation.clock.advance(4_999);
    expect(host.heard).toEqual([]);
    simulation.clock.advance(1);
    expect(host.command(OPCODE.readVersion).status).toBe(0);
  });

  it('forgets connections when it reboots, and the host is told nothing', () => {
    const { simulation, host, handle } = connected();
    host.subscribe(handle);
    host.sendEcho(handle, 'before');
    expect(host.smp(handle)).toEqual(echoAnswer('before'));
    simulation.clock.advance(100);
    host.heard.length = 0;
    host.controller.reboot();
    host.sendEcho(handle, 'after');
    simulation.clock.advance(10_000);
    expect(host.heard).toEqual([]);
    expect(simulation.bands[0]?.isConnected).toBe(false);
  });
});
