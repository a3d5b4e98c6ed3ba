/**
 * What a technician would bring to a gateway for the bands of a simulation: keys of tags, certificates of bands, and the
 * keys by which wristbands are known on the radio.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateKey, toHex } from '@timeband/protocol';
import { certify } from '../certify.js';
import type { BandRange, BandStock } from './bands.js';

/** As the gateway's settings name them. */
export interface Provisioned {
  readonly tagKeys: string;
  readonly certificates: string;
  /** `radio.bands`, where there are bands with a radio. */
  readonly radioBands?: string;
}

/** One stock of bands, and which of them. */
export interface Issue {
  readonly stock: BandStock;
  readonly range: BandRange;
  /** Whether they are wristbands with a radio. */
  readonly hasRadio?: boolean;
}

/** Only its owner may read it. */
const SECRET = { mode: 0o600 } as const;

/**
 * Writes `tag-keys.json`, `bands/*.cwt` and, for bands with a radio, `radio-bands.json` into a folder. Files with keys are
 * for their owner's eyes only. @throws Error of the system
 */
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
  writeFileSync(tagKeys, JSON.stringify({ tags }, undefined, 2), SECRET);
  const known = issues.flatMap((issue) => (issue.hasRadio === true ? radioKeys(issue) : []));
  if (known.length === 0) return { tagKeys, certificates };
  const radioBands = join(dir, 'radio-bands.json');
  writeFileSync(radioBands, JSON.stringify(known, undefined, 2), SECRET);
  return { tagKeys, certificates, radioBands };
}

function radioKeys({ stock, range }: Issue): readonly { readonly device: string; readonly irk: string }[] {
  return stock
    .bands(range)
    .map(({ number }) => ({ device: stock.id(number), irk: toHex(stock.irk(number)) }));
}
