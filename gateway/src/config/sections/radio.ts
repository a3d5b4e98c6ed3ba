/** Settings of the Bluetooth controller. */
import { z } from 'zod';

const radioCommon = {
  bands: z
    .string()
    .optional()
    .describe(
      "File with the identity resolving keys of the site's bands, readable by its owner alone; relative to dataDir.",
    ),
  maxConnections: z
    .int()
    .min(2)
    .max(32)
    .default(8)
    .describe('Connections that the controller holds at a time; one of them is kept for help.'),
  service: z
    .int()
    .min(1)
    .max(0xffff_ffff)
    .optional()
    .describe(
      "Number in the catalogue of services: for what a press of a band's button near the gateway checks in or out. Without it, nothing.",
    ),
  snoop: z
    .string()
    .optional()
    .describe(
      'File that takes everything between the gateway and its controller, for Wireshark; relative to dataDir.',
    ),
};

export const radioSection = z
  .union([
    z.strictObject({
      path: z.string().min(1).describe('Serial port of a Bluetooth dongle.'),
      baudRate: z.int().positive().default(1_000_000).describe('Its speed, bits a second.'),
      flowControl: z.boolean().default(true).describe('Whether its line has RTS and CTS.'),
      ...radioCommon,
    }),
    z.strictObject({
      adapter: z
        .int()
        .min(0)
        .describe('Instead of path: an adapter of this machine by its number, 0 for hci0.'),
      ...radioCommon,
    }),
  ])
  .meta({ is: 'settings of its own, with path or adapter', example: { adapter: 0, bands: 'bands.json' } })
  .describe('The Bluetooth controller for bands: a dongle on a serial line, or an adapter of this machine.');

export type RadioConfig = z.infer<typeof radioSection>;
