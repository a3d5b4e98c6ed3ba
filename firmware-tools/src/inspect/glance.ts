/** A quick look at a device: who it is, what it runs, and what waits in it. */
import {
  call,
  COMMAND,
  type FactoryState,
  imageStateRequest,
  KIND,
  decodeRecord,
  readDevice,
  readImageStates,
  REFUSAL,
  SmpError,
  TimebandError,
} from '@timeband/protocol';
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
  const { device, hardware, firmware, acked, oldest } = identity;
  const { head } = await call(client, COMMAND.status, { seen: 0xffff_ffff });
  const battery = await batteryOf({ client }, Math.max(oldest, head - NEWEST + 1), head);
  return {
    ...{ device, hardware, firmware, waiting: Math.max(0, head - acked) },
    ...(battery !== undefined && { battery }),
  };
}

/** Records that are looked through for what the battery was. */
const NEWEST = 16;

async function batteryOf(
  { client }: Pick<OpenDevice, 'client'>,
  from: number,
  head: number,
): Promise<number | undefined> {
  let battery: number | undefined;
  for (let next = from; next >= 1 && next <= head;) {
    const records = await call(client, COMMAND.records, { from: next });
    if (records.length === 0) break;
    next += records.length;
    for (const bytes of records) battery = batteryIn(bytes) ?? battery;
  }
  return battery;
}

function batteryIn(bytes: Uint8Array): number | undefined {
  try {
    const { kind, body } = decodeRecord(bytes);
    const event = kind === KIND.device ? readDevice(body) : undefined;
    return event?.event === 'battery' ? event.percent : undefined;
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
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
