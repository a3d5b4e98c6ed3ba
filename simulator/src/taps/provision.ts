/** What a technician would bring to a gateway for the bands of a simulation: keys of tags, certificates of bands. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateKey, toHex } from '@timeband/protocol';
import { certify } from '../certify.js';
import type { BandRange, BandStock } from './bands.js';

/** As the gateway's settings name them. */
export interface Provisioned {
  readonly tagKeys: string;
  readonly certificates: string;
}

/** One stock of bands, and which of them. */
export interface Issue {
  readonly stock: BandStock;
  readonly range: BandRange;
}

/** Writes `tag-keys.json`, for its owner's eyes only, and `bands/*.cwt` into a folder. @throws Error of the system */
export function provision(dir: string, issuerKey: PrivateKey, issues: readonly Issue[]): Provisioned {
  const certificates = join(dir, 'bands');
  const tagKeys = join(dir, 'tag-keys.json');
  mkdirSync(certificates, { recursive: true });
  const tags: Record<string, string> = {};
  for (const { stock, range } of issues) {
    for (const { number, uid } of stock.bands(range)) {
      if (stock.kind(number) === 'sun') tags[toHex(uid)] = toHex(stock.tagKey(number));
      if (stock.kind(number) !== 'key') continue;
      const id = stock.id(number);
      const certificate = certify(issuerKey, stock.site, id, stock.key(number).publicKey, 'band');
      writeFileSync(join(certificates, `${id}.cwt`), certificate);
    }
  }
  writeFileSync(tagKeys, JSON.stringify({ tags }, undefined, 2), { mode: 0o600 });
  return { tagKeys, certificates };
}
