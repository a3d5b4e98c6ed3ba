/** A quick look at a device: who it is, what it runs, and what waits in it. */
import {
  call,
  COMMAND,
  type FactoryState,
  imageStateRequest,
  readImageStates,
  REFUSAL,
  SmpError,
} from '@timeband/protocol';
import { type NewestRecord, readNewest, statementIn } from './log/newest.js';
import { type OpenDevice, openDevice, type OpenOptions, type Target } from '../target/index.js';

export interface Glance {
  readonly transport: Target['transport'];
  readonly target: string;
  /** Absent where the firmware is not ours, and before it belongs to a site. */
  readonly device?: string;
  /** Of one that belongs to no site yet: how far it is, and its serial. */
  readonly state?: FactoryState;
  readonly serial?: string;
  /** It tells who it is to its own site alone, and nobody of that site has asked. */
  readonly silent?: true;
  readonly hardware?: string;
  readonly firmware?: string;
  /** Of the image that runs, where its firmware can be replaced. */
  readonly image?: string;
  /** Records that no gateway has acknowledged. */
  readonly waiting?: number;
  /** Per cent, as its adverts say, or as it logged it last among those that wait. */
  readonly battery?: number;
  /** dBm. */
  readonly rssi?: number;
}

/** @throws as {@link openDevice} */
export async function glanceAt(target: Target, options: OpenOptions): Promise<Glance> {
  const device = await openDevice(target, { ...options, evenIfIll: true });
  try {
    const { identity, illness } = device;
    if (illness !== undefined && illness.rc !== REFUSAL.notProvisioned) throw illness;
    const own = illness === undefined ? await ownAnswers(device) : await factoryAnswers(device);
    const said = target.said && identity !== undefined ? { battery: target.said.battery } : {};
    return { ...whereIs(target), ...own, ...said, ...(await imageOf(device)) };
  } finally {
    await device.close();
  }
}

/** What is known of a device without opening it. */
export function heardOf(target: Target): Glance {
  const { device, said } = target;
  return { ...whereIs(target), ...(device === undefined ? { silent: true } : { device }), ...said };
}

function whereIs({ transport, name, rssi }: Target): Pick<Glance, 'transport' | 'target' | 'rssi'> {
  return { transport, target: name, ...(rssi !== undefined && { rssi }) };
}

async function factoryAnswers({ client }: OpenDevice): Promise<Partial<Glance>> {
  const { state, serial, hardware, firmware } = await call(client, COMMAND.factory, undefined);
  return { state, serial, hardware, firmware };
}

async function ownAnswers({ identity, client }: OpenDevice): Promise<Partial<Glance>> {
  if (identity === undefined) return {};
  const { device, hardware, firmware, acked } = identity;
  const { head } = await call(client, COMMAND.status, { seen: 0xffff_ffff });
  const newest = await readNewest(client, identity, head, NEWEST);
  const battery = newest.map(batteryIn).findLast((percent) => percent !== undefined);
  return {
    ...{ device, hardware, firmware, waiting: Math.max(0, head - acked) },
    ...(battery !== undefined && { battery }),
  };
}

/** Records that are looked through for what the battery was. */
const NEWEST = 16;

function batteryIn({ bytes }: NewestRecord): number | undefined {
  const statement = statementIn(bytes);
  return statement?.event === 'battery' ? statement.percent : undefined;
}

async function imageOf({ client }: OpenDevice): Promise<Partial<Glance>> {
  try {
    const states = readImageStates(await client.request(imageStateRequest));
    const running = states.find(({ active }) => active);
    return running === undefined ? {} : { image: running.version };
  } catch (error) {
    if (error instanceof SmpError && error.code === 'smp/device') return {};
    throw error;
  }
}
