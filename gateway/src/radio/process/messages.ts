/**
 * What the gateway and its radio process say to each other, every message checked and bounded. The radio process hears
 * strangers all day: what comes from it is taken as what a stranger might have made it say.
 */
import { IRK_BYTES, isId, MAX_GATT_PACKET_BYTES } from '@timeband/protocol';
import type { PortChoice } from '@timeband/radio';
import { z } from 'zod';

const device = z.string().refine(isId);
/** Of a visit, never used twice in one life of the process. */
const link = z.int().min(1);
const bytes = bytesThat((length) => length <= MAX_GATT_PACKET_BYTES);
const text = z.string().max(500);

const port: z.ZodType<PortChoice> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial'),
    path: z.string(),
    baudRate: z.int().positive(),
    flowControl: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('native'), adapter: z.int().min(0) }),
]);

const startMessage = z.strictObject({
  type: z.literal('start'),
  port,
  maxConnections: z.int().min(1),
  bands: z.array(z.strictObject({ device, irk: bytesThat((length) => length === IRK_BYTES) })),
  /** File that takes everything between host and controller, as btsnoop. */
  snoop: z.string().optional(),
});
export type StartMessage = z.infer<typeof startMessage>;

export const toRadio = z.discriminatedUnion('type', [
  startMessage,
  z.strictObject({ type: z.literal('packet'), link, bytes }),
  z.strictObject({ type: z.literal('close'), link, outcome: z.enum(['done', 'failed']) }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToRadio = z.infer<typeof toRadio>;

/** Devices in one message. */
export const MAX_SIGHTINGS = 64;

const sighting = z.strictObject({
  device,
  help: z.boolean(),
  full: z.boolean(),
  battery: z.int().min(0).max(255),
  waiting: z.int().min(0).max(0xffff),
  rssi: z.int().min(-128).max(127),
});
export type HeardBand = z.infer<typeof sighting>;

/** What can be wrong with what a device sends, below SMP. */
const FAULTS = ['frame/overlong', 'frame/truncated', 'smp/unmatched'] as const;

export const fromRadio = z.discriminatedUnion('type', [
  /** The heartbeat, with what was counted so far. */
  z.strictObject({ type: z.literal('beat'), counters: z.record(z.string().max(60), z.int().min(0)) }),
  z.strictObject({ type: z.literal('state'), state: z.enum(['starting', 'scanning', 'closed']) }),
  z.strictObject({ type: z.literal('down'), code: text, message: text, remedy: text }),
  z.strictObject({ type: z.literal('sightings'), bands: z.array(sighting).max(MAX_SIGHTINGS) }),
  z.strictObject({
    type: z.literal('opened'),
    link,
    device: device.optional(),
    /** The advert on which we came says that the band's button was pressed. */
    pressed: z.boolean().optional(),
    /** More devices wait than there are connections. */
    crowded: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('packet'), link, bytes }),
  z.strictObject({ type: z.literal('fault'), link, code: z.enum(FAULTS), message: text }),
  z.strictObject({ type: z.literal('closed'), link, reason: text.optional() }),
]);
export type FromRadio = z.infer<typeof fromRadio>;

/** The process says that it lives this often, and is taken for hung after this long without. */
export const BEAT_MS = 1_000;
export const HUNG_MS = 5_000;
/** Before its first word: a small box that has just got its power back loads programs for a long time. */
export const STARTING_MS = 60_000;

function bytesThat(fit: (length: number) => boolean): z.ZodType<Uint8Array> {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && fit(value.length));
}
