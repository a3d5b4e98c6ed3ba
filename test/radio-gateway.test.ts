/** A gateway with a radio, as it ships: its process, the radio's process, a controller on a pseudo-terminal, a band. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  decodePacket,
  isOpenToAll,
  KIND,
  punchBody,
  type SmpPacket,
  TIMEBAND_GROUP,
  toHex,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import {
  addWristband,
  BandStock,
  issue,
  type JsonObject,
  type RadioBand,
  RadioSimulation,
  RealTime,
  TerminalPort,
  type Wristband,
  type WristbandEvent,
} from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Centre, GATEWAY, SITE } from './support/centre.js';

const stock = new BandStock({ seed: 'radio-gateway', site: SITE });
const DEVICE = stock.id(0);
const LOOK_MS = 20;
const HANDSHAKE = 9;
const PUNCH = {
  direction: 'in',
  service: 201,
  proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) },
} as const;

describe('a gateway with a radio', () => {
  let centre: Centre;
  let simulation: RadioSimulation;
  let realTime: RealTime;
  let port: TerminalPort;
  let band: Wristband;
  let inAir: RadioBand;
  let events: WristbandEvent[];

  beforeEach(async () => {
    centre = await Centre.create();
    simulation = new RadioSimulation();
    realTime = new RealTime(simulation.clock);
    const link = join(centre.dir, 'radio');
    port = new TerminalPort(simulation.clock, realTime, simulation.controller(), { link });
    events = [];
    const issuerKey = readPrivateKeyPem(readFileSync(centre.issuerKey, 'utf8'));
    const observe = (event: WristbandEvent): number => events.push(event);
    realTime.perform(() => {
      const options = { ...issue(stock, 0, issuerKey), observe };
      ({ inAir, wristband: band } = addWristband(simulation, options));
    });
    const keys = join(dirname(centre.config), 'bands.json');
    writeFileSync(keys, JSON.stringify([{ device: DEVICE, irk: toHex(stock.irk(0)) }]), { mode: 0o600 });
    appendFileSync(centre.config, `radio:\n  path: ${link}\n  bands: ${keys}\n  service: 201\n`);
  });
  afterEach(async () => {
    await centre.close();
    port.unplug();
    realTime.stop();
  });

  const radio = async (): Promise<JsonObject> => (await centre.status())['radio'] as JsonObject;

  /** Resolves once it is so on the air. */
  function whenSo(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) resolve();
        else simulation.clock.after(LOOK_MS, look);
      };
      realTime.perform(look);
    });
  }

  it('has a tap from the air to a verified event, through a session, and hangs up then', async () => {
    await centre.startGateway();
    const display = await centre.subscribe();
    await display.until((events) => events.some(({ event }) => event.device === DEVICE));
    await whenSo(() => !inAir.isConnected && band.device.waiting === 0);
    realTime.perform(() => {
      band.log(KIND.punch, punchBody(PUNCH));
    });
    await display.until((events) => events.some(({ event }) => event.logSeq === 2));
    await whenSo(() => !inAir.isConnected && band.device.waiting === 0);
    expect(display.bad).toEqual([]);
    expect(await radio()).toMatchObject({ state: 'scanning', restarts: 0, present: 1 });
    expect(inAir.counters.connections).toBe(2);
    expect(port.controller.counters).toMatchObject({ uncredited: 0, lostStep: 0 });
  });

  it('checks a resident in by the button of the band, who feels that it counted', async () => {
    await centre.startGateway();
    const display = await centre.subscribe();
    await whenSo(() => !inAir.isConnected && band.device.waiting === 0);
    realTime.perform(() => {
      band.press();
    });
    await display.until((events) => events.filter(({ event }) => event.band === DEVICE).length === 2);
    const punches = display.events.filter(({ event }) => event.band === DEVICE);
    expect(punches.map(({ event }) => [event.device, event.evidence])).toEqual([
      [GATEWAY, 2],
      [DEVICE, 2],
    ]);
    await whenSo(() => events.some((event) => event.event === 'vibrated' && event.pattern === 'accepted'));
    expect(display.bad).toEqual([]);
  });

  it('announces a call for help as soon as it is heard, and proves it after', async () => {
    await centre.startGateway();
    const display = await centre.subscribe();
    await whenSo(() => !inAir.isConnected && band.device.waiting === 0);
    realTime.perform(() => {
      band.callForHelp();
    });
    await display.until((events) => events.some(({ event }) => event.type === 'request'));
    expect(display.calls).toEqual([
      {
        device: DEVICE,
        at: expect.closeTo(Date.now() / 1_000, -1) as number,
        rssi: expect.any(Number) as number,
        battery: 100,
      },
    ]);
    await whenSo(() => events.some((event) => event.event === 'vibrated' && event.pattern === 'helpHeard'));
  });

  it('asks a band for nothing before there is a session, not even in vain', async () => {
    const asked: SmpPacket[] = [];
    inAir.misbehave({
      description: 'is overheard',
      create: () => ({
        onPacket: (packet) => {
          asked.push(decodePacket(packet));
          return undefined;
        },
      }),
    });
    await centre.startGateway();
    const display = await centre.subscribe();
    await display.until((events) => events.some(({ event }) => event.device === DEVICE));
    const handshake = asked.findLastIndex(({ group, id }) => group === TIMEBAND_GROUP && id === HANDSHAKE);
    expect(asked.slice(0, handshake + 1).every(isOpenToAll)).toBe(true);
    expect(handshake).toBeGreaterThan(0);
  });

  it('goes on without its radio when the dongle is pulled out, says why, and uses it again', async () => {
    await centre.startGateway();
    const display = await centre.subscribe();
    await display.until((events) => events.some(({ event }) => event.device === DEVICE));
    realTime.perform(() => {
      port.unplug();
    });
    await vi.waitFor(
      async () => {
        expect(await radio()).toMatchObject({
          state: 'down',
          remedy: expect.stringMatching(/^Plug/) as string,
        });
      },
      { timeout: 10_000 },
    );
    realTime.perform(() => {
      port.plug();
      band.log(KIND.punch, punchBody(PUNCH));
    });
    await display.until((events) => events.some(({ event }) => event.logSeq === 2));
    expect(await radio()).toMatchObject({ state: 'scanning', restarts: 0 });
    expect(await radio()).not.toHaveProperty('problem');
  });

  it('starts its radio’s process again when that dies', async () => {
    await centre.startGateway();
    const display = await centre.subscribe();
    await display.until((events) => events.some(({ event }) => event.device === DEVICE));
    process.kill(Number((await radio())['pid']), 'SIGKILL');
    realTime.perform(() => {
      band.log(KIND.punch, punchBody(PUNCH));
    });
    await display.until((events) => events.some(({ event }) => event.logSeq === 2));
    expect(await radio()).toMatchObject({ state: 'scanning', restarts: 1 });
  });
});
