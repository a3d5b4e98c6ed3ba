import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '@timeband/protocol';
import { HOSTILE_NAMES, RADIO_FAULT_NAMES, RADIO_FAULTS, type RadioFaultName } from '../faults/index.js';
import { ATT } from '../gatt/att.js';
import { EVENT, OPCODE } from '../hci/codes.js';
import { RadioSimulation } from '../simulation.js';
import { addressOf, echoAnswer, echoRequest, TestHost } from '../test-support/host.js';
import { plainAdvert } from './adverts.js';
import type { Band } from './band.js';
import type { BandRadio } from './firmware.js';
import { handlerFirmware } from './handler-firmware.js';
import { SmpAssembler } from './smp-assembler.js';

let simulation: RadioSimulation;
let host: TestHost;
let band: Band;
let handle: number;

beforeEach(() => {
  simulation = new RadioSimulation();
  host = new TestHost(simulation).powerOn();
  band = simulation.add({ intervalMs: 50 });
  simulation.add({ intervalMs: 50 });
});

function link(...faults: RadioFaultName[]): void {
  for (const name of faults) band.misbehave(RADIO_FAULTS[name]);
  handle = host.connect(addressOf(simulation, 0));
  host.sendAtt(handle, ATT.mtuRequest, 50, 0);
  host.att(handle, ATT.mtuResponse);
  host.subscribe(handle);
}

function ask(text = 'x'.repeat(80)): void {
  const request = echoRequest(text);
  for (let at = 0; at < request.length; at += 20) {
    host.sendAtt(handle, ATT.writeCommand, 9, 0, ...request.subarray(at, at + 20));
  }
}

const ANSWER = echoAnswer('x'.repeat(80));

/** Values of the notifications that have come within two seconds. */
function pieces(): Uint8Array[] {
  simulation.clock.advance(2_000);
  return host.notifications(handle);
}

describe('a band', () => {
  it('puts requests together from fragments and cuts answers to the MTU', () => {
    band = simulation.add({ intervalMs: 50, mtu: 30, name: 'small' });
    handle = host.connect(addressOf(simulation, 2));
    host.sendAtt(handle, ATT.mtuRequest, 247, 0);
    host.subscribe(handle);
    ask();
    expect(host.smp(handle)).toEqual(ANSWER);
  });

  it('drops packets larger than its firmware takes, and goes on', () => {
    link();
    for (let i = 0; i < 40; i++) {
      host.sendAtt(
        handle,
        ATT.writeCommand,
        9,
        0,
        ...(i === 0 ? [10, 0, 3, 0, 0, 0, 0, 0] : []),
        ...Buffer.alloc(12),
      );
      simulation.clock.advance(20);
    }
    linkAgain();
    ask();
    expect(host.smp(handle)).toEqual(ANSWER);
  });

  it('says nothing to a client that did not ask for notifications', () => {
    handle = host.connect(addressOf(simulation, 0));
    ask('quiet');
    expect(pieces()).toEqual([]);
    expect(band.counters.notificationsLost).toBe(1);
  });

  it('stays away when it leaves while it boots', () => {
    band.control.reboot();
    simulation.remove(band);
    const before = band.counters.adverts;
    simulation.clock.advance(2_000);
    expect(band.counters.adverts).toBe(before);
  });

  it('asks its firmware what to advertise every time, and at once when woken', () => {
    const radios: BandRadio[] = [];
    let interval: number | undefined = 5_000;
    const nothing = (): void => undefined;
    const own = simulation.add({
      name: 'own',
      firmware: (radio) => {
        radios.push(radio);
        const advert = { address: addressOf(simulation, 0), data: new Uint8Array(3), isConnectable: true };
        return {
          advert: () => (interval === undefined ? undefined : { ...advert, intervalMs: interval }),
          maxPacketBytes: 64,
          ...{ received: nothing, connected: nothing, disconnected: nothing, rebooted: nothing },
        };
      },
    });
    simulation.clock.advance(5_000);
    expect(own.counters.adverts).toBe(1);
    interval = 20;
    radios[0]?.wake();
    simulation.clock.advance(1_000);
    expect(own.counters.adverts).toBeGreaterThan(30);
    interval = undefined;
    simulation.clock.advance(100);
    const before = own.counters.adverts;
    simulation.clock.advance(10_000);
    expect(own.counters.adverts).toBe(before);
  });
});

describe('a band whose answers are made by promises', () => {
  async function askHandler(
    smp: (packet: Uint8Array) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array[]> {
    const address = addressOf(simulation, 0);
    band.stop();
    const advert = plainAdvert(address, 'handler', 50);
    simulation.add({ name: 'handler', firmware: handlerFirmware({ advert: () => advert, smp }) });
    handle = host.connect(address);
    host.subscribe(handle);
    host.sendEcho(handle, 'x');
    await simulation.clock.run(500);
    return host.notifications(handle);
  }

  it('answers in virtual time', async () => {
    expect(await askHandler((packet) => Promise.resolve(packet))).toEqual([echoRequest('x')]);
  });

  it('says nothing where there is no answer', async () => {
    expect(await askHandler(() => Promise.resolve(undefined))).toEqual([]);
  });

  it('drops an answer whose connection has ended', async () => {
    let answer: (() => void) | undefined;
    const late = new Promise<Uint8Array>((resolve) => {
      answer = () => {
        resolve(echoAnswer('late'));
      };
    });
    expect(await askHandler(() => late)).toEqual([]);
    host.command(OPCODE.disconnect, [handle, 0, 0x13]);
    host.event(EVENT.disconnectionComplete);
    handle = host.connect(addressOf(simulation, 2));
    host.subscribe(handle);
    answer?.();
    await simulation.clock.run(500);
    expect(host.notifications(handle)).toEqual([]);
  });
});

/** The same band again, after whatever happened to its connection. */
function linkAgain(): void {
  host.command(OPCODE.disconnect, [handle, 0, 0x13]);
  host.event(EVENT.disconnectionComplete);
  link();
}

describe('the assembler of SMP packets', () => {
  it('gives up what is longer than its header says, and begins anew', () => {
    const seen: Uint8Array[] = [];
    const assembler = new SmpAssembler(100, (packet) => seen.push(packet));
    const packet = echoRequest('hello');
    assembler.push(concat(packet, Uint8Array.of(0)));
    assembler.push(packet.subarray(0, 3));
    assembler.push(packet.subarray(3));
    expect(seen).toEqual([packet]);
  });
});

describe('faults', () => {
  it.each<[RadioFaultName, (got: Uint8Array) => boolean]>([
    ['garbage', (got) => got.length === ANSWER.length && !Buffer.from(got).equals(ANSWER)],
    ['reordered-notifications', (got) => got.length === ANSWER.length && !Buffer.from(got).equals(ANSWER)],
    ['lost-notification', (got) => got.length === 47 && Buffer.from(ANSWER).includes(Buffer.from(got))],
    ['duplicate-notifications', (got) => got.length === 2 * ANSWER.length],
    ['stall', (got) => got.length === 0],
    ['notification-flood', (got) => got.length > 1_000],
    ['mtu-23', (got) => Buffer.from(got).equals(ANSWER)],
    ['short-data', (got) => Buffer.from(got).equals(ANSWER)],
  ])('%s changes the answer as it says', (name, fits) => {
    host.command(OPCODE.leSetEventMask, [0x1f, 0, 0, 0, 0, 0, 0, 0]);
    link(name);
    host.command(OPCODE.leSetDataLength, [handle, 0, 251, 0, 0x48, 8]);
    simulation.clock.advance(100);
    ask();
    const got = concat(...pieces());
    expect(fits(got)).toBe(true);
  });

  it.each<[RadioFaultName, number]>([
    ['disconnect-at-once', 0x13],
    ['disconnect-mid-answer', 0x13],
    ['vanish', 0x08],
    ['reboot', 0x08],
  ])('%s ends the connection with reason %i', (name, reason) => {
    link(name);
    ask();
    expect(host.event(EVENT.disconnectionComplete)[6]).toBe(reason);
    band.heal();
    simulation.clock.advance(11_000);
    link();
    ask();
    expect(host.smp(handle)).toEqual(ANSWER);
  });

  it("cloned-address advertises under another band's address", () => {
    band.misbehave(RADIO_FAULTS['cloned-address']);
    simulation.clock.advance(200);
    host.scan();
    simulation.clock.advance(2_000);
    const addresses = new Set(
      host.adverts.map((packet) => Buffer.from(packet.subarray(7, 13)).toString('hex')),
    );
    expect([...addresses]).toEqual([Buffer.from(addressOf(simulation, 1).bytes).toString('hex')]);
  });

  it.each(RADIO_FAULT_NAMES)('%s leaves another band on the same radio alone', (name) => {
    const other = host.connect(addressOf(simulation, 1));
    host.subscribe(other);
    band.misbehave(RADIO_FAULTS[name]);
    host.initiate(addressOf(simulation, 0));
    simulation.clock.advance(500);
    host.sendAtt(0x41, ATT.mtuRequest, 50, 0);
    host.sendAtt(0x41, ATT.writeRequest, 10, 0, 1, 0);
    simulation.clock.advance(500);
    host.sendEcho(other, 'other');
    expect(host.smp(other)).toEqual(echoAnswer('other'));
  });

  it('has at least 30 packets and adverts that only an attacker would send', () => {
    expect(HOSTILE_NAMES.length).toBeGreaterThanOrEqual(30);
    expect(HOSTILE_NAMES.every((name) => RADIO_FAULTS[name].description.startsWith('hostile: '))).toBe(true);
  });

  it.each<[RadioFaultName, string]>([
    ['notification-of-1-byte', '0240200500010004001b'],
    ['fragment-of-3-bytes', '0240200300030004'],
    ['frame-without-start', '0240101b00'],
  ])('%s arrives at the host byte for byte', (name, start) => {
    link(name);
    const hex = (packet: Uint8Array): string => Buffer.from(packet).toString('hex');
    expect(hex(host.waitFor((packet) => hex(packet).startsWith(start)))).toContain(start);
  });
});
