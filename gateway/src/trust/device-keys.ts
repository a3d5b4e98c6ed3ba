/**
 * Keys of this site's devices that only MAC, as a file that only the gateway can read. They were derived by whoever
 * holds the site's master, which is never on this box (SPEC.md, Keys of devices that only MAC).
 */
import { DeviceKey, equalBytes, fromHex, isId, SECRET_BYTES } from '@timeband/protocol';
import { z } from 'zod';
import { BRING_IT, ConfigError, readSecret } from '../config/index.js';

const hex = new RegExp(`^[0-9a-f]{${SECRET_BYTES * 2}}$`);
const fileSchema = z.array(
  z.strictObject({
    device: z.string().refine(isId, 'an id of lower-case letters, digits and single hyphens'),
    /** 32 bytes in hexadecimal. */
    key: z.string().regex(hex, '64 hexadecimal digits'),
  }),
);

export class DeviceKeys {
  private readonly byDevice = new Map<string, DeviceKey[]>();

  constructor(keys: Iterable<DeviceKey> = []) {
    for (const key of keys) this.byDevice.set(key.device, [...(this.byDevice.get(key.device) ?? []), key]);
  }

  /** Reads `[{"device": "band-7", "key": "64 hexadecimal digits"}, …]`. @throws ConfigError */
  static read(file: string, site: string): DeviceKeys {
    let entries: z.infer<typeof fileSchema>;
    try {
      entries = fileSchema.parse(JSON.parse(readSecret(file, BRING_IT)));
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      // The parser's own words would quote the file, and it holds keys.
      throw new ConfigError(
        `${file} is not a list of device keys: [{"device": "band-7", "key": "64 hexadecimal digits"}]`,
      );
    }
    return new DeviceKeys(entries.map(({ device, key }) => new DeviceKey(site, device, fromHex(key))));
  }

  get size(): number {
    return this.byDevice.size;
  }

  *[Symbol.iterator](): Iterator<DeviceKey> {
    for (const keys of this.byDevice.values()) yield* keys;
  }

  /** The key of a device that its certificate names: while a key is replaced there are two. */
  find(device: string, thumbprint: Uint8Array): DeviceKey | undefined {
    return this.byDevice.get(device)?.find((key) => equalBytes(key.thumbprint, thumbprint));
  }
}
