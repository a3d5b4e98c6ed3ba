/** What a site's technician brings to a gateway: keys of tags, one each and never their master, and certificates of bands. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, TAG_KEY_BYTES, toHex } from '@timeband/protocol';
import { z } from 'zod';
import { BRING_IT, readNeeded, readSecret } from './files.js';
import { ConfigError } from './error.js';

const key = z.string().regex(new RegExp(`^[0-9a-f]{${2 * TAG_KEY_BYTES}}$`, 'i'), '16 bytes in hexadecimal');

const schema = z.strictObject({
  /** Decrypts the PICC data of the site's tags. */
  metaReadKey: key.optional(),
  /** The SDM file-read key of each tag, by UID. */
  tags: z.record(z.string().regex(/^[0-9a-f]{14}$/i, 'a UID of 7 bytes in hexadecimal'), key),
});

/** Keys in memory, found by UID. */
export class TagKeys {
  private constructor(
    readonly metaReadKey: Uint8Array | undefined,
    private readonly keys: ReadonlyMap<string, Uint8Array>,
  ) {}

  /** Reads the file of a site's technician: JSON, readable by its owner alone. @throws ConfigError */
  static load(file: string): TagKeys {
    let content: unknown;
    try {
      content = JSON.parse(readSecret(file, BRING_IT));
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(`${file} is not JSON. It holds {"tags": {UID: key}}, both in hexadecimal.`);
    }
    const parsed = schema.safeParse(content);
    // What is in the file stays out of the message: it is secret.
    if (!parsed.success) {
      throw new ConfigError(
        `${file} is not {"metaReadKey"?: key, "tags": {UID: key}} with UIDs of 7 and keys of 16 bytes in hexadecimal`,
      );
    }
    const { metaReadKey, tags } = parsed.data;
    return TagKeys.of(
      new Map(Object.entries(tags).map(([uid, hex]) => [uid.toLowerCase(), fromHex(hex)])),
      metaReadKey === undefined ? undefined : fromHex(metaReadKey),
    );
  }

  /** @param keys by UID in lower-case hexadecimal */
  static of(keys: ReadonlyMap<string, Uint8Array>, metaReadKey?: Uint8Array): TagKeys {
    return new TagKeys(metaReadKey, keys);
  }

  get size(): number {
    return this.keys.size;
  }

  /** The SDM file-read key of a tag, 16 bytes. */
  tag(uid: Uint8Array): Uint8Array | undefined {
    return this.keys.get(toHex(uid));
  }

  /** Keeps the keys out of logs. */
  toJSON(): string {
    return `the keys of ${this.keys.size} tags`;
  }
}

/** The certificates (`*.cwt`) of a folder, not verified. @throws ConfigError */
export function loadCertificates(folder: string): readonly Uint8Array[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new ConfigError(`cannot read the certificates in ${folder}: ${(error as Error).message}`);
  }
  return names.filter((name) => name.endsWith('.cwt')).map((name) => readNeeded(join(folder, name)));
}
