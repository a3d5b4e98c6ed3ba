/**
 * Whose private address it is, out of thousands of bands (SPEC.md, Adverts). Each key is tried in turn; 24 bits of hash
 * match by chance once in 16 million, so that who matches is only a candidate until an advert proves it.
 */
import { AesBlockKey } from '../crypto/index.js';
import { ADDRESS_BYTES } from './private-address.js';

export class PrivateAddressResolver<Owner> {
  private readonly keys: readonly { readonly owner: Owner; readonly key: AesBlockKey }[];

  /** @param owners with their identity resolving keys, 16 bytes each */
  constructor(owners: Iterable<readonly [owner: Owner, irk: Uint8Array]>) {
    this.keys = Array.from(owners, ([owner, irk]) => ({ owner, key: new AesBlockKey(irk) }));
  }

  /** Those whose address it may be (most significant byte first): nobody, or one, or by chance one more. */
  *candidates(address: Uint8Array): Generator<Owner, void, undefined> {
    const [a = 0, b = 0, c = 0, ...hash] = address;
    if (address.length !== ADDRESS_BYTES || a >> 6 !== 0b01) return;
    const [high = 0, middle = 0, low = 0] = hash;
    // The zero-padded prand, in words whose first byte is the lowest.
    const block = [0, 0, 0, (a << 8) | (b << 16) | (c << 24)] as const;
    const wanted = high | (middle << 8) | (low << 16);
    for (const { owner, key } of this.keys) if (key.lastWord(block) >>> 8 === wanted) yield owner;
  }
}
