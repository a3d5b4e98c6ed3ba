/** What a band does by itself, before anybody connects to it. */
import {
  advertKey,
  type AdvertState,
  decodeRecord,
  KIND,
  openAdvert,
  PrivateKey,
  punchBody,
  readAdvertisingData,
  readDevice,
  resolves,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { RadioSimulation } from '../radio/simulation.js';
import { BandStock } from '../taps/bands.js';
import { Battery } from './battery.js';
import { drifting } from './crystal.js';
import { addWristband, issue } from './issue.js';
import type { WristbandOptions } from './wristband.js';

const MINUTE_MS = 60_000;
const stock = new BandStock({ seed: 'wristband', site: 'dahaiyang' });
const issuerKey = PrivateKey.generate();
const PUNCH = { direction: 'in', service: 201, proof: { kind: 'uid', uid: new Uint8Array(7) } } as const;

function band(options: Partial<WristbandOptions> = {}) {
  const simulation = new RadioSimulation();
  const issued = issue(stock, 0, issuerKey);
  const { inAir, wristband } = addWristband(simulation, { ...issued, ...options });
  /** What its next advert says, to who has its key. */
  const says = (): { state: AdvertState; counter: number; address: Uint8Array; intervalMs: number } => {
    const { address, data, intervalMs } = wristband.advert() ?? expect.fail('it is silent');
    const bytes = Uint8Array.from(address.bytes).reverse();
    const read = readAdvertisingData(data);
    const opened = read.kind === 'band' ? openAdvert(advertKey(issued.irk), bytes, read.sealed) : undefined;
    return { ...(opened ?? expect.fail('an advert that does not open')), address: bytes, intervalMs };
  };
  return { clock: simulation.clock, issued, inAir, wristband, says };
}

describe('the adverts of a wristband', () => {
  it('come from an address that its site resolves, and that changes after 15 minutes and with every start', () => {
    const { clock, issued, inAir, says } = band();
    const addresses = [says().address];
    clock.advance(14 * MINUTE_MS);
    expect(says().address).toEqual(addresses[0]);
    clock.advance(MINUTE_MS);
    addresses.push(says().address);
    inAir.control.reboot();
    addresses.push(says().address);
    expect(new Set(addresses.map(String)).size).toBe(3);
    expect(addresses.every((address) => resolves(issued.irk, address))).toBe(true);
  });

  it('count up with every change of what they say, and only then', () => {
    const { says, wristband } = band();
    expect([says().counter, says().counter]).toEqual([0, 0]);
    wristband.log(KIND.punch, punchBody(PUNCH));
    expect(says()).toMatchObject({ counter: 1, state: { waiting: 2 } });
    wristband.press();
    expect(says()).toMatchObject({ counter: 2, state: { pressed: true } });
  });

  it('come fastest for help, fast for a press and for news, and once a second otherwise', () => {
    const { clock, says, wristband } = band();
    clock.advance(20_000);
    expect(says().intervalMs).toBe(1_000);
    wristband.log(KIND.punch, punchBody(PUNCH));
    expect(says().intervalMs).toBe(300);
    wristband.press();
    expect(says().intervalMs).toBe(100);
    wristband.callForHelp();
    expect(says().intervalMs).toBe(20);
    clock.advance(5_000);
    expect(says().intervalMs).toBe(100);
    clock.advance(6_000);
    expect(says()).toMatchObject({ intervalMs: 300, state: { help: true, pressed: false } });
  });

  it('say when the flash is full and when the clock is not set', () => {
    const { inAir, says } = band();
    expect(says().state).toMatchObject({ full: false, clockUnset: true });
    inAir.control.fillFlash();
    expect(says().state.full).toBe(true);
    expect(band({ wall: 1_800_000_000 }).says().state.clockUnset).toBe(false);
  });
});

describe('the parts of a wristband', () => {
  it('a press counts for 10 s, and once', () => {
    const { clock, wristband } = band();
    const { button } = wristband;
    expect(button.use()).toBeUndefined();
    wristband.press();
    clock.advance(10_000);
    expect(button.use()).toBe(10);
    expect(button.use()).toBeUndefined();
    wristband.press();
    clock.advance(11_000);
    expect(button.isPressed).toBe(false);
  });

  it('the battery runs down in two weeks, and what it says of it is said once at each mark', () => {
    const timers = new ManualTimers();
    const battery = new Battery(timers, 21);
    expect(battery.toLog()).toBeUndefined();
    const said: (number | undefined)[] = [];
    for (let hour = 0; hour < 14 * 24; hour++) {
      timers.advance(60 * MINUTE_MS);
      said.push(battery.toLog());
    }
    expect(said.filter((percent) => percent !== undefined)).toEqual([20, 10, 5]);
    expect(battery.percent).toBe(0);
  });

  it('a low battery is in the log of its band', () => {
    const { says, wristband } = band({ battery: 8 });
    says();
    const [, low = new Uint8Array()] = wristband.device.records(1, () => true);
    expect(readDevice(decodeRecord(low).body)).toEqual({ event: 'battery', percent: 8 });
  });

  it('a clock drifts by as much as its crystal, and its alarms with it', () => {
    const timers = new ManualTimers();
    const fast = drifting(timers, 500);
    const began = fast.now();
    let rangAt = 0;
    fast.after(1_000_000, () => (rangAt = timers.now()));
    const start = timers.now();
    timers.advance(2_000_000);
    expect(fast.now() - began).toBeCloseTo(2_001_000, 3);
    expect(rangAt - start).toBeCloseTo(1_000_000 / 1.0005, 3);
  });
});
