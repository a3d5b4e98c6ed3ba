/** The stack that ships, whole and unchanged, over a pseudo-terminal: what a simulated controller is for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Characteristic, type Noble, type Peripheral, withBindings } from '@stoprocent/noble';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decodeLenient,
  decodePacket,
  encode,
  encodePacket,
  OP,
  OS_COMMAND,
  OS_GROUP,
} from '@timeband/protocol';
import { RealTime } from './clock.js';
import type { ControllerOptions } from './hci/command.js';
import { TerminalPort } from './port/terminal-port.js';
import { RadioSimulation } from './simulation.js';

const SERVICE = '8d53dc1d1db74cd3868b8a527460aa84';
const CHARACTERISTIC = 'da2e7828fbce4e01ae9e261174997c48';

let dir: string;
let port: TerminalPort;
let realTime: RealTime;
let host: Noble;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'radio-'));
});

afterEach(() => {
  host.stop();
  port.unplug();
  realTime.stop();
  rmSync(dir, { recursive: true });
});

function open(options: ControllerOptions): RadioSimulation {
  const simulation = new RadioSimulation();
  realTime = new RealTime(simulation.clock);
  const link = join(dir, 'radio');
  port = new TerminalPort(simulation.clock, realTime, simulation.controller(options), { link });
  const uart = { port: link, baudRate: 1_000_000 };
  host = withBindings('hci', { hciDriver: 'uart', bindParams: { uart } });
  return simulation;
}

async function find(name: string): Promise<Peripheral> {
  const found = new Promise<Peripheral>((resolve) => {
    host.on('discover', (peripheral: Peripheral) => {
      if (peripheral.advertisement.localName === name) resolve(peripheral);
    });
  });
  await host.startScanningAsync([SERVICE], true);
  return found;
}

async function echo(characteristic: Characteristic, text: string): Promise<unknown> {
  const pieces: Buffer[] = [];
  const answered = new Promise<Uint8Array>((resolve) => {
    characteristic.on('data', (piece: Buffer) => {
      pieces.push(piece);
      const whole = Buffer.concat(pieces);
      if (whole.length >= 8 && whole.length === 8 + whole.readUInt16BE(2)) resolve(whole);
    });
  });
  const request = encodePacket({
    op: OP.write,
    group: OS_GROUP,
    id: OS_COMMAND.echo,
    sequence: 7,
    payload: encode(new Map([['d', text]])),
  });
  await characteristic.writeAsync(Buffer.from(request), true);
  return decodeLenient(decodePacket(await answered).payload);
}

describe.each<[string, ControllerOptions]>([
  ['a legacy controller', {}],
  ['a controller with extended advertising', { isExtended: true }],
  ['a controller that cannot scan and initiate at once', { isStrict: true }],
])('the real noble stack on %s', (_, options) => {
  it(
    'powers on, scans, connects, discovers, writes and is notified within 10 s',
    { timeout: 10_000 },
    async () => {
      const simulation = open(options);
      simulation.add({ intervalMs: 100 });
      await host.waitForPoweredOnAsync(5_000);
      const band = await find('band-1');
      await band.connectAsync();
      const { characteristics } = await band.discoverSomeServicesAndCharacteristicsAsync(
        [SERVICE],
        [CHARACTERISTIC],
      );
      const [characteristic] = characteristics;
      if (characteristic === undefined) throw new Error('no characteristic');
      await characteristic.subscribeAsync();
      expect(await echo(characteristic, 'x'.repeat(200))).toEqual(new Map([['r', 'x'.repeat(200)]]));
      expect(await band.updateRssiAsync()).toBeLessThan(-40);
      await band.disconnectAsync();
      expect(port.controller.counters).toMatchObject({ lostStep: 0, aclDropped: 0 });
    },
  );
});
