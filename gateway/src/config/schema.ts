/** The one schema of the gateway's settings: validation and defaults. */
import { isId } from '@timeband/protocol';
import { z } from 'zod';

const id = z.string().refine(isId, 'lower-case letters, digits and single hyphens, at most 40 characters');

/** Where readers are found: one path, a glob of paths, or a USB identity that survives replugging. */
const link = z.union([
  z.strictObject({ path: z.string().min(1), baudRate: z.int().positive().default(115_200) }),
  z.strictObject({ glob: z.string().min(1), baudRate: z.int().positive().default(115_200) }),
  z.strictObject({
    usb: z.strictObject({
      vendorId: z.string().regex(/^[0-9a-f]{4}$/i, 'four hexadecimal digits'),
      productId: z.string().regex(/^[0-9a-f]{4}$/i, 'four hexadecimal digits'),
      serialNumber: z.string().optional(),
    }),
    baudRate: z.int().positive().default(115_200),
  }),
]);

export const configSchema = z.strictObject({
  /** The community centre. */
  site: id,
  /** This box. */
  gateway: id,
  /** Keys, accounts and the database; relative to the configuration file. */
  dataDir: z.string().default('.'),
  links: z.array(link).default([]),
  broker: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(1883),
    })
    .prefault({}),
  /** File with the keys of the site's tags, readable by its owner alone; relative to `dataDir`. */
  tagKeys: z.string().optional(),
  /** File with the keys of the site's devices that only MAC, readable by its owner alone; relative to `dataDir`. */
  deviceKeys: z.string().optional(),
  /** Files with one signed policy document each, taken in this order and again when one changes; relative to `dataDir`. */
  policy: z.array(z.string()).default([]),
  /** Folder with certificates of bands whose own logs this gateway has not met; relative to `dataDir`. */
  certificates: z.string().optional(),
  receipts: z
    .strictObject({
      /** The head of the event log is published at most this often. */
      headEverySeconds: z.int().min(1).default(60),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type LinkConfig = z.infer<typeof link>;
