/** The one schema of the gateway's settings: validation and defaults. */
import { isId } from '@timeband/protocol';
import { z } from 'zod';
import { brokerSection } from './sections/broker.js';
import { ledgerSection } from './sections/ledger.js';
import { logSection, monitoringSection } from './sections/monitoring.js';
import { storageSection } from './sections/storage.js';
import { uplinkSection } from './sections/uplink.js';

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

const radioCommon = {
  /** File with the identity resolving keys of the site's bands, readable by its owner alone; relative to `dataDir`. */
  bands: z.string().optional(),
  /** Connections that the controller holds at a time; one of them is kept for help. */
  maxConnections: z.int().min(2).max(32).default(8),
  /** Number in the catalogue: for what a press of a band's button near the gateway checks in or out. Without it, nothing. */
  service: z.int().min(1).max(0xffff_ffff).optional(),
  /** File that takes everything between the gateway and its controller, for Wireshark; relative to `dataDir`. */
  snoop: z.string().optional(),
};

/** The Bluetooth controller: a dongle on a serial line, or an adapter of this machine by its number. */
const radio = z.union([
  z.strictObject({
    path: z.string().min(1),
    baudRate: z.int().positive().default(1_000_000),
    flowControl: z.boolean().default(true),
    ...radioCommon,
  }),
  z.strictObject({ adapter: z.int().min(0), ...radioCommon }),
]);

export const configSchema = z.strictObject({
  /** The community centre. */
  site: id,
  /** This box. */
  gateway: id,
  /** Keys, accounts and the database; relative to the configuration file. */
  dataDir: z.string().default('.'),
  links: z.array(link).default([]),
  radio: radio.optional(),
  broker: brokerSection,
  /** The way to the city. Without it the centre works on its own. */
  uplink: uplinkSection.optional(),
  storage: storageSection,
  ledger: ledgerSection,
  monitoring: monitoringSection,
  /** File with the keys of the site's tags, readable by its owner alone; relative to `dataDir`. */
  tagKeys: z.string().optional(),
  /** File with the keys of the site's devices that only MAC, readable by its owner alone; relative to `dataDir`. */
  deviceKeys: z.string().optional(),
  /** Files with one signed policy document each, taken in this order and again when one changes; relative to `dataDir`. */
  policy: z.array(z.string()).default([]),
  /** Folder with certificates of operators, and of bands whose own logs this gateway has not met; relative to `dataDir`. */
  certificates: z.string().optional(),
  /** The site's console, where operators approve with security keys: its WebAuthn relying party. */
  console: z.strictObject({ id: z.string().min(1), origins: z.array(z.url()).min(1) }).optional(),
  receipts: z
    .strictObject({
      /** The head of the event log is published at most this often. */
      headEverySeconds: z.int().min(1).default(60),
    })
    .prefault({}),
  log: logSection,
});

export type Config = z.infer<typeof configSchema>;
export type LinkConfig = z.infer<typeof link>;
export type RadioConfig = z.infer<typeof radio>;
