/** The keys by which bands of this site are recognised on the radio, as a file that only the gateway can read. */
import { fromHex, IRK_BYTES, isId } from '@timeband/protocol';
import { z } from 'zod';
import { BRING_IT, ConfigError, readSecret } from '../config/index.js';
import type { BandKey } from '@timeband/radio';

const fileSchema = z.array(
  z.strictObject({
    device: z.string().refine(isId, 'an id of lower-case letters, digits and single hyphens'),
    /** Identity resolving key: 16 bytes in hexadecimal. */
    irk: z.string().regex(new RegExp(`^[0-9a-f]{${IRK_BYTES * 2}}$`), '32 hexadecimal digits'),
  }),
);

/** Reads `[{"device": "band-7", "irk": "32 hexadecimal digits"}, …]`. @throws ConfigError */
export function readBandKeys(file: string): BandKey[] {
  let entries: z.infer<typeof fileSchema>;
  try {
    entries = fileSchema.parse(JSON.parse(readSecret(file, BRING_IT)));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // The parser's own words would quote the file, and it holds keys.
    throw new ConfigError(
      `${file} is not a list of bands: [{"device": "band-7", "irk": "32 hexadecimal digits"}]`,
    );
  }
  refuseDoubles(file, entries);
  return entries.map(({ device, irk }) => ({ device, irk: fromHex(irk) }));
}

/** A band in the list twice, or with another's key, would be taken for the wrong one. @throws ConfigError */
function refuseDoubles(file: string, entries: z.infer<typeof fileSchema>): void {
  const devices = new Set<string>();
  const owners = new Map<string, string>();
  for (const { device, irk } of entries) {
    if (devices.has(device)) throw new ConfigError(`${file} names ${device} twice`);
    devices.add(device);
    const owner = owners.get(irk);
    if (owner !== undefined)
      throw new ConfigError(`${file} gives ${owner} and ${device} the same key. Each band has its own.`);
    owners.set(irk, device);
  }
}
