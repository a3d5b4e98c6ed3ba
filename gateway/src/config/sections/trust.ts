/** Settings of what a technician brings to the box, for it to know whom and what to believe. */
import { z } from 'zod';

export const policy = z
  .array(z.string())
  .default([])
  .meta({ reload: true, example: ['revocations.cose'] })
  .describe(
    'Files with one signed policy document each, taken in this order and again when one changes; relative to dataDir.',
  );

export const certificates = z
  .string()
  .optional()
  .meta({ example: 'bands' })
  .describe(
    'Folder with certificates (*.cwt) of operators, and of bands whose own logs this gateway has not met; relative to dataDir.',
  );

export const tagKeys = z
  .string()
  .optional()
  .meta({ example: 'tag-keys.json' })
  .describe(
    "File with the keys of the site's tags, readable by its owner alone; relative to dataDir. Without its key a tag is worth no more than its number.",
  );

export const deviceKeys = z
  .string()
  .optional()
  .meta({ example: 'device-keys.json' })
  .describe(
    "File with the keys of the site's devices that are too small to sign, readable by its owner alone; relative to dataDir.",
  );

export const consoleSection = z
  .strictObject({
    id: z.string().min(1).describe('Its WebAuthn relying party, such as console.example.'),
    origins: z.array(z.url()).min(1).describe('Addresses of its pages.'),
  })
  .optional()
  .meta({ example: { id: 'console.example', origins: ['https://console.example'] } })
  .describe(
    "The site's console, where operators approve with security keys. Without it, what needs approvals is kept and not published.",
  );
