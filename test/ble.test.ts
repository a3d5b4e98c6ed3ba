/** Bands on the radio as `bandctl` reaches them, in virtual time: noble as it ships, over a simulated controller and air. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  benchOnAir,
  bleTarget,
  bleTargets,
  glanceAt,
  hardwareTlv,
  heardOf,
  overAir,
  type Place,
  provisionDevice,
  Station,
  updateDevice,
  wipeDevice,
} from '@timeband/firmware-tools';
import { toHex } from '@timeband/protocol';
import { BAND_HARDWARE } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeskRoom } from './support/desk-room.js';
import { believedKey, type ImageChoice, makeImage, signingKey } from './support/firmware.js';

let room: DeskRoom;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ble-'));
  room = new DeskRoom();
});
afterEach(async () => {
  await room.close();
  rmSync(folder, { recursive: true });
});

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

const boot = { keys: [believedKey], slotBytes: 64 * 1_024, trialMs: 10_000 };
const imageOf = (choice: ImageChoice = {}) => makeImage({ custom: [hardwareTlv(BAND_HARDWARE)], ...choice });

describe('an update over the air', () => {
  it('goes on after breaks of the link, is tried, found under its new address, and kept', async () => {
    const { key, wristband, inAir } = room.add({ boot });
    const radio = await room.radio([key]);
    const image = imageOf({ bytes: 40_000 });
    let breaks = 0;
    let atBreak = 0;
    const offsets: number[] = [];
    const report = await room.during(
      updateDevice(bleTarget(radio, key.device), image, {
        ...{ ...room.options, keys: [signingKey] },
        progress: ({ offset = 0 }) => {
          if (offset > 0) offsets.push(offset);
          if (breaks > 1 || offset < (breaks + 1) * 12_000) return;
          breaks++;
          atBreak = offsets.length;
          if (breaks === 1) inAir.control.vanish(300);
          else room.unplug();
          room.clock.after(2_000, () => {
            room.plug();
          });
        },
      }),
    );
    expect(report).toMatchObject({ device: key.device, outcome: 'updated', from: '1.0.0', to: '2.0.0' });
    expect(breaks).toBe(2);
    expect(Math.min(...offsets.slice(atBreak))).toBeGreaterThan(12_000);
    expect(toHex(wristband.machine?.image?.hash ?? new Uint8Array())).toBe(toHex(image.digest));
    expect(wristband.machine?.slots.isConfirmed).toBe(true);
    expect(wristband.device.identity().firmware).toBe('sim-2.0.0');
  });

  it('of a band that is named by its address finds it again under the next, and an image that is sick goes back by itself', async () => {
    const { wristband } = room.add({ boot });
    const radio = await room.radio();
    const [target] = await room.during(bleTargets(radio, { who: [], listenMs: 2_000 }));
    if (target === undefined) throw new Error('nobody was heard');
    expect(target.name).toMatch(/^(..:){5}..$/);
    const sick = updateDevice(target, imageOf({ ailment: 'sick' }), { ...room.options, keys: [signingKey] });
    await expect(room.during(sick)).rejects.toMatchObject({ code: 'update/reverted' });
    expect(wristband.machine?.image?.version).toBe('1.0.0');
    expect(wristband.machine?.slots.isConfirmed).toBe(true);
  });
});

describe('provisioning over the air', () => {
  it('takes a band to its site and finds it again there, and wipes it when it comes back', async () => {
    const { band } = room.blank('20260007');
    const radio = await room.radio();
    const [target] = await room.during(bleTargets(radio, { who: ['20260007'], listenMs: 3_000 }));
    if (target === undefined) throw new Error('nobody was heard');
    const glance = await room.during(glanceAt(target, room.options));
    expect(glance).toMatchObject({ state: 'blank', serial: '20260007', hardware: 'simulated-band' });
    const desk = room.desk(folder);
    const timers = room.clock;
    const made = await room.during(
      overAir(radio, '20260007', desk, (client) => provisionDevice(client, desk, {}), { timers }),
    );
    expect(made).toMatchObject({ device: 'band-1', serial: '20260007', role: 'band' });
    const issued = desk.register.entries.find(({ note }) => note.what === 'issued');
    expect(issued?.note).toMatchObject({ irk: expect.any(Uint8Array) as Uint8Array });
    expect(band.wristband?.id).toBe('band-1');
    const wiped = await room.during(
      overAir(radio, 'band-1', desk, (client) => wipeDevice(client, desk, false), { timers }),
    );
    expect(wiped).toMatchObject({ serial: '20260007', device: 'band-1' });
    expect(band.state).toBe('blank');
    expect([...desk.register.standings].map(({ state }) => state)).toEqual(['wiped']);
    desk.close();
  });

  it('at a bench serves several at once, and takes those up again whose power failed', async () => {
    const bands = Array.from({ length: 4 }, (_, i) => room.blank(`crate-${i + 1}`));
    room.add(); // of a site already, and nobody's business here
    const radio = await room.radio();
    const desk = room.desk(folder);
    const states = new Map<string, Set<string>>();
    const station: Station = new Station({
      ...{ desk, timers: room.clock, planFor: () => ({}) },
      look: () => Promise.resolve(benchOnAir(radio, desk.isOwed)),
      changed: (place: Place) => {
        if (place.state === 'listening') return;
        const seen = states.get(place.serial) ?? new Set();
        states.set(place.serial, seen.add(place.state));
        const isFirst = place.state === 'working' && place.step === 'grant' && !seen.has('cut');
        if (place.serial === 'crate-2' && isFirst) {
          seen.add('cut');
          bands[1]?.inAir.control.reboot();
        }
      },
    });
    station.start();
    await room.during(
      (async () => {
        while (station.made.length < bands.length)
          await new Promise<void>((resolve) => room.clock.after(100, resolve));
      })(),
      120,
    );
    await room.during(station.close());
    desk.close();
    expect(station.made.map(({ serial }) => serial).sort()).toEqual([
      'crate-1',
      'crate-2',
      'crate-3',
      'crate-4',
    ]);
    expect(new Set(station.made.map(({ device }) => device)).size).toBe(4);
    expect([...states.values()].some((seen) => seen.has('refused'))).toBe(false);
    expect(station.all.filter(({ state }) => state === 'interrupted')).toEqual([]);
  });
});
