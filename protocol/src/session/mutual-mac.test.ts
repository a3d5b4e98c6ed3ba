import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { deriveDeviceKey, type DeviceKey } from '../keys/index.js';
import { call, COMMAND, decodePacket, OP, RC } from '../smp/index.js';
import { SessionClient } from './client.js';
import { band, DEVICE, GATEWAY, outcomeOf, party, SITE, WatchedDevice } from './session.test.support.js';

describe('a session by the key that a device shares with its site', () => {
  const master = fromHex('aa'.repeat(32));
  const keyFor = (device: string): DeviceKey => deriveDeviceKey(master, { site: SITE, device }, 1);
  const own = keyFor(DEVICE);
  const keys = [keyFor('band-1'), keyFor('band-2'), own];
  const begin = async (device: WatchedDevice, known = keys): Promise<unknown> => {
    const client = new SessionClient(device, { timers: device.timers });
    await client.beginMutualMac(GATEWAY, known);
    return call(client, COMMAND.ack, Uint8Array.of(1));
  };

  it('proves both sides and shows neither the device’s id nor what is said', async () => {
    const device = new WatchedDevice({ method: 'mutualMac', key: own });
    expect(await begin(device)).toEqual({ acked: 4 });
    expect(device.server.peer).toEqual({ subject: GATEWAY, role: 'gateway' });
    expect(toHex(concat(...device.transcript))).not.toContain(toHex(new TextEncoder().encode(DEVICE)));
  });

  it('is not made by a gateway that does not have the device’s key', async () => {
    const device = new WatchedDevice({ method: 'mutualMac', key: own });
    expect(await outcomeOf(begin(device, keys.slice(0, 2)))).toBe('session/proof');
    expect(device.server.peer).toBeUndefined();
  });

  it('is not made by sending the device’s own proof back, nor by an earlier gateway’s', async () => {
    const device = new WatchedDevice({ method: 'mutualMac', key: own });
    await begin(device);
    const recorded = device.requests.map(decodePacket).slice(0, 2);
    const [first, second] = recorded;
    device.server.connected();
    const answer = device.answer(first ?? decodePacket(new Uint8Array()));
    const reflected = { ...answer, op: OP.write, payload: answer.payload };
    expect(device.answer(reflected).payload).toEqual(encode(new Map([['rc', RC.badState]])));
    device.answer(first ?? reflected);
    expect(device.answer(second ?? reflected).payload).toEqual(encode(new Map([['rc', RC.badState]])));
    expect(device.server.peer).toBeUndefined();
  });

  it('opens nothing that is a technician’s', async () => {
    const device = new WatchedDevice({ method: 'mutualMac', key: own });
    const client = new SessionClient(device, { timers: device.timers });
    await client.beginMutualMac(GATEWAY, keys);
    const reset = {
      op: 'write',
      group: 0,
      id: 5,
      body: new Map(),
      name: 'reset',
      idempotent: false,
    } as const;
    expect(await outcomeOf(client.request(reset))).toBe('smp/device');
  });

  it('is refused by a device that signs, as a certificate’s is by one that does not', async () => {
    const signing = new SessionClient(new WatchedDevice(band()));
    expect(await outcomeOf(signing.beginMutualMac(GATEWAY, keys))).toBe('smp/device');
    const macs = new SessionClient(new WatchedDevice({ method: 'mutualMac', key: own }));
    expect(await outcomeOf(macs.beginCertified(party()))).toBe('smp/device');
  });
});
