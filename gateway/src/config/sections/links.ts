/** Settings of the serial ports that readers are plugged into. */
import { z } from 'zod';

const baudRate = z.int().positive().default(115_200).describe('Speed of the line, bits a second.');
const usbId = z
  .string()
  .regex(/^[0-9a-f]{4}$/i, 'four hexadecimal digits')
  .meta({ is: 'four hexadecimal digits' });

/** A USB adapter that survives replugging. */
export const usbIdentity = z
  .strictObject({
    vendorId: usbId.describe('Vendor, as `lsusb` shows it before the colon.'),
    productId: usbId.describe('Product, as `lsusb` shows it after the colon.'),
    serialNumber: z.string().optional().describe('To mean one alone of several that are the same.'),
  })
  .describe('A USB adapter by what it is, wherever it is plugged in.');

/** Where readers are found: one path, a glob of paths, or a USB identity that survives replugging. */
const link = z.union([
  z.strictObject({ path: z.string().min(1).describe('One port.'), baudRate }),
  z.strictObject({
    glob: z
      .string()
      .min(1)
      .describe('All ports whose path fits, with `*` for any characters; but for that of the radio.'),
    baudRate,
  }),
  z.strictObject({ usb: usbIdentity, baudRate }),
]);

export const linksSection = z
  .array(link)
  .default([])
  .meta({
    is: 'a list, each with path, glob or usb',
    example: [
      { path: '/dev/ttyUSB0' },
      { glob: '/dev/serial/by-id/*' },
      { usb: { vendorId: '1a86', productId: '7523' }, baudRate: 57_600 },
    ],
  })
  .describe('Where readers are plugged in. Each entry has one of path, glob and usb.');

export type LinkConfig = z.infer<typeof link>;
