import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../air/address.js';
import { RADIO_FAULTS } from '../faults/index.js';
import { ATT } from '../gatt/att.js';
import { TestHost } from '../test-support/host.js';
import { misbehave, type Neighbour, Neighbourhood, NOBODY, sendEcho } from '../test-support/neighbourhood.js';
import type { BandBehaviour } from './behaviour.js';
import type { BandCentral } from './firmware.js';
import { MAX_HEARD } from './heard-bands.js';

const REFUSED = { code: 'link/open' };
const SWITCHED_OFF = { code: 'link/closed' };

let area: Neighbourhood;
let central: BandCentral;

beforeEach(() => {
  area = new Neighbourhood();
  ({ central } = area.provider);
});

describe('a band that scans', () => {
  it('hears the bands around it, each once and the strongest first', async () => {
    const [far, near, middle, nearest] = [16, 2, 6, 0.5].map((metres) => area.add(metres).address.key);
    const heard = await area.within(1_000, central.scan(1_000));
    expect(heard.map(({ address }) => address.key)).toEqual([nearest, near, middle, far]);
    expect(heard.map(({ rssi }) => Math.round(rssi / 10))).toEqual([-4, -6, -7, -8]);
  });

  it('is told at the very moment when the time is over', async () => {
    const told = central.scan(500).then(() => area.simulation.clock.now());
    expect(await area.within(1_000, told)).toBe(500);
  });

  it('hears neither strangers nor bands that nobody may connect to', async () => {
    area.simulation.add({ intervalMs: 50 });
    const other = area.add(1);
    misbehave(other, { onAdvert: (advert) => ({ ...advert, isConnectable: false }) });
    expect(await area.within(1_000, central.scan(1_000))).toEqual([]);
    other.band.heal();
    expect(await area.within(1_000, central.scan(1_000))).toMatchObject([{ address: other.address }]);
  });

  it('remembers only so many addresses of somebody who makes up ever new ones', async () => {
    const { band } = area.add(1);
    band.misbehave(RADIO_FAULTS['new-address']);
    expect(await area.within(10_000, central.scan(10_000))).toHaveLength(MAX_HEARD);
  });

  it('does not advertise meanwhile, nor takes a connection, and goes on afterwards', async () => {
    const { band, address } = area.provider;
    const scan = central.scan(2_000);
    new TestHost(area.simulation).powerOn().initiate(address);
    await area.simulation.clock.run(1_900);
    expect(band.counters.adverts).toBe(0);
    expect(band.isConnected).toBe(false);
    await area.within(1_000, scan);
    expect(band.isConnected).toBe(true);
  });

  it('takes no connection that answers the advert before', async () => {
    const { band, address } = area.provider;
    new TestHost(area.simulation).powerOn().initiate(address);
    while (band.counters.adverts === 0) area.simulation.clock.advance(0.1);
    await area.within(500, central.scan(500));
    expect(band.counters).toMatchObject({ adverts: 1, connections: 0 });
  });

  it('refuses a second scan, and a connection, until the first is over', async () => {
    const first = central.scan(500);
    await expect(central.scan(500)).rejects.toMatchObject(REFUSED);
    await expect(central.connect(NOBODY, 500)).rejects.toMatchObject(REFUSED);
    expect(await area.within(500, first)).toEqual([]);
    expect(await area.within(500, central.scan(500))).toEqual([]);
  });

  it('is refused while another central is connected to it', async () => {
    connectGateway(area.provider);
    await expect(central.scan(500)).rejects.toMatchObject(REFUSED);
  });
});

describe('a band that connects to another', () => {
  it('waits for its next advert', async () => {
    const { band, address } = area.add(1);
    await area.simulation.clock.run(1_000);
    const before = band.counters.adverts;
    const connecting = central.connect(address, 1_000);
    expect(band.isConnected).toBe(false);
    await area.within(1_000, connecting);
    expect(band.counters.adverts).toBe(before + 1);
  });

  it('asks again at the next advert when its request was lost', async () => {
    const peer = area.add(1);
    let asked = 0;
    misbehave(peer, { onJoin: () => (++asked <= 2 ? 'ignore' : undefined) });
    await area.connect(peer);
    expect(asked).toBe(3);
  });

  it('does not advertise until the connection is gone, and then goes on', async () => {
    const peer = area.add(1);
    const { client, closed } = area.talk(await area.connect(peer));
    const { counters } = area.provider.band;
    const before = counters.adverts;
    await area.simulation.clock.run(2_000);
    expect(counters.adverts).toBe(before);
    await area.within(100, Promise.all([client.close(), client.close()]));
    expect(closed).toEqual([undefined]);
    expect(peer.band.isConnected).toBe(false);
    await area.simulation.clock.run(1_000);
    expect(counters.adverts).toBeGreaterThan(before + 10);
  });

  it('has one connection: a second one is refused, and so is a scan', async () => {
    const [first, second] = [area.add(1), area.add(2)];
    const { echo } = area.talk(await area.connect(first));
    await expect(central.connect(second.address, 500)).rejects.toMatchObject(REFUSED);
    await expect(central.scan(500)).rejects.toMatchObject(REFUSED);
    expect(await echo('still there')).toBe('still there');
  });

  it.each<[string, (peer: Neighbour) => Address]>([
    ['there is nobody', () => NOBODY],
    ['the peer has gone', leave],
    ['the peer never takes it', behave({ onJoin: () => 'ignore' })],
    ['the peer says nothing', behave({ onRequest: () => [] })],
    ['the peer answers with garbage', behave({ onRequest: () => [Uint8Array.of(ATT.mtuResponse, 1)] })],
    ["the peer is in a gateway's connection", connectGateway],
  ])('gives up within its time when %s, and can begin anew', async (_, prepare) => {
    const target = prepare(area.add(1));
    await expect(area.within(700, central.connect(target, 700))).rejects.toMatchObject(REFUSED);
    await area.simulation.clock.run(100);
    await area.connect(area.add(2));
  });

  it('is told at the very moment when it was in vain', async () => {
    const told = central.connect(NOBODY, 500).catch(() => area.simulation.clock.now());
    expect(await area.within(1_000, told)).toBe(500);
  });

  it('leaves a peer alone that comes too late', async () => {
    const late = area.add(1);
    late.band.control.vanish(1_000);
    await expect(area.connect(late, 900)).rejects.toMatchObject(REFUSED);
    const heard = await area.within(1_000, central.scan(1_000));
    expect(heard).toMatchObject([{ address: late.address }]);
    expect(late.band.counters.connections).toBe(0);
  });
});

describe('a band that is switched off', () => {
  it.each([
    ['a scan', () => central.scan(60_000)],
    ['an attempt to connect', () => central.connect(NOBODY, 60_000)],
  ])('ends %s at once and leaves no timer', async (_, begin) => {
    const pending = begin();
    await area.simulation.clock.run(500);
    area.simulation.remove(area.provider.band);
    await expect(pending).rejects.toMatchObject(SWITCHED_OFF);
    expect(area.simulation.clock.pending).toBe(0);
    expect(area.simulation.air.receiverCount).toBe(0);
  });

  it('ends its connection at once; the peer notices by its time-out', async () => {
    const peer = area.add(1);
    const { closed } = area.talk(await area.connect(peer));
    area.provider.band.control.reboot();
    expect(closed).toMatchObject([SWITCHED_OFF]);
    await area.simulation.clock.run(2_900);
    expect(peer.band.isConnected).toBe(true);
    await area.simulation.clock.run(200);
    expect(peer.band.isConnected).toBe(false);
    await area.connect(peer);
  });

  it('begins nothing new, however soon it is asked to', async () => {
    const link = await area.connect(area.add(1));
    const again: Promise<unknown>[] = [];
    link.start({
      packet: () => undefined,
      fault: () => undefined,
      closed: () => again.push(central.scan(100)),
    });
    area.simulation.remove(area.provider.band);
    await expect(again[0]).rejects.toMatchObject(REFUSED);
    expect(area.simulation.air.receiverCount).toBe(0);
  });
});

describe('the air', () => {
  it('offers its adverts to centrals only while they listen', async () => {
    const { air } = area.simulation;
    const scan = central.scan(500);
    expect(air.receiverCount).toBe(1);
    await area.within(500, scan);
    expect(air.receiverCount).toBe(0);
    const link = await area.connect(area.add(1));
    expect(air.receiverCount).toBe(0);
    await area.within(100, link.close());
    await expect(area.within(100, central.connect(NOBODY, 100))).rejects.toMatchObject(REFUSED);
    expect(air.receiverCount).toBe(0);
  });

  it('carries the same between two bands for the same seed, and something else for another', async () => {
    const visit = async (seed: string): Promise<unknown> => {
      area = new Neighbourhood({ seed, lossRate: 0.1 });
      const peer = area.add(3);
      const heard = await area.within(500, area.provider.central.scan(500));
      const { client } = area.talk(await area.connect(peer, 2_000));
      const answered = sendEcho(client, 'x'.repeat(300)).then(() => area.simulation.clock.now());
      return { heard, at: await area.within(1_000, answered) };
    };
    const first = await visit('a');
    expect(await visit('a')).toEqual(first);
    expect(await visit('b')).not.toEqual(first);
  });
});

function behave(behaviour: BandBehaviour) {
  return (peer: Neighbour): Address => {
    misbehave(peer, behaviour);
    return peer.address;
  };
}

function leave({ band, address }: Neighbour): Address {
  area.simulation.remove(band);
  return address;
}

function connectGateway({ address }: Neighbour): Address {
  new TestHost(area.simulation).powerOn().connect(address);
  return address;
}
