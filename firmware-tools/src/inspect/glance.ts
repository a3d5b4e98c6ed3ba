/** A quick look at a device: who it is, what it runs, and what waits in it. */
import {
  call,
  COMMAND,
  imageStateRequest,
  KIND,
  decodeRecord,
  readDevice,
  readImageStates,
  SmpError,
  TimebandError,
} from '@timeband/protocol';
import { type OpenDevice, openDevice, type OpenOptions, type Target } from '../target/index.js';

export interface Glance {
  readonly transport: Target['transport'];
  readonly target: string;
  /** Absent where the firmware is not ours. */
  readonly device?: string;
  readonly hardware?: string;
  readonly firmware?: string;
  /** Of the image that runs, where its firmware can be replaced. */
  readonly image?: string;
  /** Records that no gateway has acknowledged. */
  readonly waiting?: number;
  /** Per cent, as it logged it last among those that wait. */
  readonly battery?: number;
  /** dBm. */
  readonly rssi?: number;
}

/** @throws as {@link openDevice} */
export async function glanceAt(target: Target, options: OpenOptions): Promise<Glance> {
  const device = await openDevice(target, options);
  try {
    const seen = { transport: target.transport, target: target.name };
    const rssi = target.rssi === undefined ? {} : { rssi: target.rssi };
    return { ...seen, ...(await ownAnswers(device)), ...(await imageOf(device)), ...rssi };
  } finally {
    await device.close();
  }
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
