/** Devices on the radio, by name, by device id or by address. */
import { call, COMMAND, MAX_ADVERT_NAME_BYTES, type SmpClient, SmpError } from '@timeband/protocol';
import type { Target } from '../target.js';
import type { BleRadio } from './ble-radio.js';
import { addressText, type Neighbour } from './neighbours.js';

/** From asking for a connection to giving it up: ten adverts of the slowest bands. */
const OPEN_MS = 10_000;

/**
 * Whom a person means: `band-7` by its key, `c0:11:22:33:44:55` by its address, a name, or a whole serial, of which a band from
 * the factory tells the end.
 */
export function isMeant(who: string, { device, name, address }: Neighbour): boolean {
  if (device !== undefined) return device === who || addressText(address) === who.toLowerCase();
  if (addressText(address) === who.toLowerCase()) return true;
  return (
    name !== undefined && (name === who || (name.length === MAX_ADVERT_NAME_BYTES && who.endsWith(name)))
  );
}

/** What to call it. */
export function nameOf({ device, name, address }: Neighbour): string {
  return device ?? name ?? addressText(address);
}

/** One that may be there. Its key is asked for once a technician has a session with it: by it it is found again. */
export function bleTarget(radio: BleRadio, who: string, heard?: Neighbour): Target {
  let last = heard;
  /** What it turned out to be called, of one that was named by its address. */
  let device = heard?.device;
  const isIt = (neighbour: Neighbour): boolean =>
    isMeant(who, neighbour) || (device !== undefined && neighbour.device === device);
  return {
    transport: 'ble',
    name: who,
    get isUntrusted() {
      return last?.kind !== 'server';
    },
    get rssi() {
      return last?.rssi;
    },
    get said() {
      return last?.state && { battery: last.state.battery, waiting: last.state.waiting };
    },
    get device() {
      return device;
    },
    open: async () => {
      const { link, neighbour } = await radio.connect(who, isIt, OPEN_MS);
      last = neighbour;
      device ??= neighbour.device;
      return link;
    },
    opened: async (opened) => {
      if (device !== undefined || opened.peer === undefined) return;
      const irk = await resolvingKeyOf(opened.client);
      device = opened.peer.subject;
      if (irk !== undefined) radio.learn({ device, irk });
    },
  };
}

async function resolvingKeyOf(client: SmpClient): Promise<Uint8Array | undefined> {
  try {
    return await call(client, COMMAND.resolvingKey, undefined);
  } catch (error) {
    // It has none, or its firmware does not know the command: then it is known by its address alone.
    if (error instanceof SmpError && error.code === 'smp/device') return undefined;
    throw error;
  }
}

export interface BleChoice {
  /** Names, ids or addresses; everybody who is heard without any. */
  readonly who: readonly string[];
  /** Milliseconds to listen; less where all who were named are heard. */
  readonly listenMs: number;
}

/** Those who are meant, whether they are heard or not; of everybody those who are heard, the strongest first. */
export async function bleTargets(radio: BleRadio, { who, listenMs }: BleChoice): Promise<Target[]> {
  if (who.length > 0) {
    await radio.listen(listenMs, (all) =>
      who.every((one) => all.some((neighbour) => isMeant(one, neighbour))),
    );
    const all = radio.present();
    return who.map((one) =>
      bleTarget(
        radio,
        one,
        all.find((neighbour) => isMeant(one, neighbour)),
      ),
    );
  }
  await radio.listen(listenMs);
  return radio
    .present()
    .sort((a, b) => b.rssi - a.rssi)
    .map((neighbour) => bleTarget(radio, nameOf(neighbour), neighbour));
}
