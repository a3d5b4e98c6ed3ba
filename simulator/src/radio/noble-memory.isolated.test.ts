/** noble over a controller in memory: virtual time for the stack that ships. */
import type { Characteristic, Noble, Peripheral } from '@stoprocent/noble';
import { describe, expect, it } from 'vitest';
import { sha256, toHex } from '@timeband/protocol';
import { MemoryPort } from './port/memory-port.js';
import { RadioSimulation } from './simulation.js';
import { echoAnswer, echoRequest } from './test-support/host.js';
import { nobleOn } from './test-support/memory-socket.js';

const BANDS = 30;
const ROUNDS = 20;
const STEP_MS = 5;
const PATIENCE_MS = 60_000;

/** Moves the clock until a promise has settled. */
async function during<Result>({ clock }: RadioSimulation, promise: Promise<Result>): Promise<Result> {
  const progress = { isDone: false };
  const settled = promise.finally(() => (progress.isDone = true));
  settled.catch(() => undefined); // it is awaited below
  const until = clock.now() + PATIENCE_MS;
  while (!progress.isDone && clock.now() < until) await clock.run(STEP_MS);
  if (!progress.isDone) throw new Error(`noble did not settle within ${PATIENCE_MS} ms`);
  return settled;
}

async function firstBand(host: Noble): Promise<Peripheral> {
  const found = new Promise<Peripheral>((resolve) => {
    host.once('discover', resolve);
  });
  await host.startScanningAsync([], true);
  return found;
}

async function echo(characteristic: Characteristic): Promise<Uint8Array> {
  const answered = new Promise<Buffer>((resolve) => {
    characteristic.once('data', resolve);
  });
  await characteristic.writeAsync(Buffer.from(echoRequest('over and over')), true);
  return answered;
}

/** A session of the real stack with one band among many; what passed, and when in virtual time it was over. */
async function session(seed: string): Promise<{ trace: string; ms: number }> {
  const simulation = new RadioSimulation({ seed });
  for (let i = 0; i < BANDS; i++) simulation.add({ intervalMs: 200 });
  const port = new MemoryPort(simulation.clock, simulation.controller());
  const passed: string[] = [];
  port.controller.monitor = (packet, isToHost) => {
    passed.push(`${simulation.clock.now()} ${String(isToHost)} ${toHex(packet)}`);
  };
  const host = nobleOn(port);
  try {
    await during(simulation, host.waitForPoweredOnAsync(10_000));
    const band = await during(simulation, firstBand(host));
    await during(simulation, band.connectAsync());
    const { characteristics } = await during(simulation, band.discoverAllServicesAndCharacteristicsAsync());
    const smp = characteristics.find(({ properties }) => properties.includes('notify'));
    if (smp === undefined) throw new Error('no characteristic that notifies');
    await during(simulation, smp.subscribeAsync());
    for (let i = 0; i < ROUNDS; i++) {
      expect(Uint8Array.from(await during(simulation, echo(smp)))).toEqual(echoAnswer('over and over'));
    }
    await during(simulation, band.disconnectAsync());
  } finally {
    host.stop();
  }
  return { trace: toHex(sha256(new TextEncoder().encode(passed.join('\n')))), ms: simulation.clock.now() };
}

describe('the real noble stack in virtual time', () => {
  it('does the same byte for byte, at the same moments, for the same seed', async () => {
    const first = await session('a');
    expect(first.ms).toBeGreaterThan(ROUNDS * 30);
    expect(await session('a')).toEqual(first);
    expect((await session('b')).trace).not.toBe(first.trace);
  });
});
