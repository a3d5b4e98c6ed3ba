/**
 * Keys of tags, each from a site's master by NXP's AES-128 diversification (AN10922 §2.2). Only the technician's side
 * derives: a gateway holds the keys of its own tags, never a master.
 */
import { concat } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { aesCmac, sha256 } from '../crypto/index.js';

/** AN10922's constant for an AES-128 key. */
const AES_128 = Uint8Array.of(0x01);
/** Of an input this long AN10922's padding, to 32 bytes, is CMAC's own. */
const INPUT_BYTES = { least: 16, most: 31 } as const;
const SITE_BYTES = 16;

/**
 * A key of 16 bytes from a master of 16 bytes and a diversification input: UID, application and system identifier.
 * @throws RangeError for an input that is not 16 to 31 bytes
 */
export function diversifyKey(master: Uint8Array, input: Uint8Array): Uint8Array {
  if (input.length < INPUT_BYTES.least || input.length > INPUT_BYTES.most) {
    throw new RangeError('a diversification input is 16 to 31 bytes');
  }
  return aesCmac(master, concat(AES_128, input));
}

/** The SDM file-read key of one tag of a site. `uid` is 7 bytes. */
export function tagFileReadKey(master: Uint8Array, site: string, uid: Uint8Array): Uint8Array {
  return diversifyKey(master, concat(uid, siteIdentifier(site)));
}

/** The system identifier that separates the tags of two sites, 16 bytes. */
function siteIdentifier(site: string): Uint8Array {
  return sha256(encode(['tb-tag', 1, site])).subarray(0, SITE_BYTES);
}
