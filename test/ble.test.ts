/** Bands on the radio as `bandctl` reaches them, in virtual time: noble as it ships, over a simulated controller and air. */
import { bleTargets, glanceAt, heardOf } from '@timeband/firmware-tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeskRoom } from './support/desk-room.js';

let room: DeskRoom;
beforeEach(() => {
  room = new DeskRoom();
});
afterEach(() => room.close());

describe('a scan of the radio', () => {
  it('shows a band whose key is known by its adverts, and to a technician all of it', async () => {
    const { key, wristband } = room.add({ battery: 71 });
    const radio = await room.radio([key]);
    const [target] = await room.during(bleTargets(radio, { who: [], listenMs: 3_000 }));
    if (target === undefined) throw new Error('nobody was heard');
    const heard = { transport: 'ble', target: key.device, device: key.device, battery: 71, waiting: 1 };
    expect(heardOf(target)).toMatchObject(heard);
    expect(await room.during(glanceAt(target, room.options))).toMatchObject({
      ...heard,
      ...{ firmware: wristband.device.identity().firmware, hardware: 'simulated-band' },
    });
  });
});
