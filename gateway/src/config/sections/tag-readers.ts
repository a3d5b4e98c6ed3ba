/** Settings of commodity readers, which only tell the number of a tag (SPEC.md, Tag numbers). */
import { MEAL_SLOT, type MealSlot, TAG_FORMS } from '@timeband/protocol';
import { z } from 'zod';
import { type LinkConfig, usbIdentity } from './links.js';

/** Speeds that they leave the factory with. */
const USUAL_BAUD = { rdm6300: 9_600, pn532: 115_200, wedge: 9_600 } as const;

const what = {
  kind: z
    .enum(['rdm6300', 'pn532', 'wedge'])
    .describe(
      'What it is: an RDM6300 or ID-12 for EM4100 tags (125 kHz), a PN532 on its serial line (HSU) for NFC tags, or a reader that types the number and Enter.',
    ),
  service: z
    .int()
    .min(1)
    .max(0xffff_ffff)
    .optional()
    .meta({ is: 'a whole number from 1 to 4294967295; has to be there without meal' })
    .describe('Number in the catalogue of services: for what its taps check in or out.'),
  meal: z
    .enum(Object.keys(MEAL_SLOT) as [MealSlot, ...MealSlot[]])
    .optional()
    .describe(
      'It stands where meals are given out: a tap fetches the meal of today, and is no check-in. docs/kitchen.md has how.',
    ),
  direction: z
    .enum(['toggle', 'in', 'out'])
    .default('toggle')
    .describe(
      'What a tap is. toggle: a check-out while a check-in of this tag for the service is open, whichever reader took it, and not older than 240 minutes; else a check-in. in, out: always that.',
    ),
  repeatSeconds: z
    .number()
    .min(1)
    .max(3_600)
    .default(10)
    .describe(
      'The same tag again, less than so many seconds after it was last seen there, is the same tap: held for long, or held there twice.',
    ),
  form: z
    .enum(TAG_FORMS)
    .default('decimal')
    .describe(
      'With wedge, how it writes: hex, all digits of a number; decimal, 10 digits, or 8, of an EM4100; wiegand, 3 and 5 digits of an EM4100.',
    ),
  prefix: z
    .string()
    .regex(/^([0-9a-f]{2}){1,2}$/i, 'two or four hexadecimal digits')
    .optional()
    .meta({ is: 'two or four hexadecimal digits, in quotes' })
    .describe(
      "With wedge, the first byte of the site's EM4100 tags, or the first two, which decimal (10 digits: one; 8: two) and wiegand (two) leave out.",
    ),
  baudRate: z
    .int()
    .positive()
    .optional()
    .describe('Speed of the line, bits a second. When left out, 115200 for pn532 and 9600 for the others.'),
};

const hasPurpose = ({
  service,
  meal,
}: {
  service?: number | undefined;
  meal?: MealSlot | undefined;
}): boolean => (service === undefined) !== (meal === undefined);
const PURPOSE = {
  path: ['service'],
  message: 'give one of service, for taps that check in and out, and meal, for taps that fetch one',
};

const tagReader = z.union([
  z.strictObject({ path: z.string().min(1).describe('Its port.'), ...what }).refine(hasPurpose, PURPOSE),
  z.strictObject({ usb: usbIdentity, ...what }).refine(hasPurpose, PURPOSE),
]);

export const tagReadersSection = z
  .array(tagReader)
  .max(64)
  .default([])
  .meta({
    is: 'a list, each with path or usb, kind and service',
    example: [{ path: '/dev/ttyUSB1', kind: 'rdm6300', service: 601 }],
  })
  .describe(
    'Commodity readers, whose taps the gateway logs itself: docs/tag-readers.md. Each entry has one of path and usb. Links leave their ports alone.',
  );

export type TagReaderConfig = z.infer<typeof tagReader>;

/** The port of such a reader, as other links are found. */
export function linkOf(reader: TagReaderConfig): LinkConfig {
  const baudRate = reader.baudRate ?? USUAL_BAUD[reader.kind];
  return 'usb' in reader ? { usb: reader.usb, baudRate } : { path: reader.path, baudRate };
}
