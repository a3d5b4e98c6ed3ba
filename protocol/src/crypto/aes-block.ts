/**
 * AES-128 on one block under a key that is kept (FIPS 197), for trying thousands of keys on one address: setting a key up
 * costs more than a block, and a call of the platform's costs three. By tables, so not for secrets that others could time.
 */
import { unsafe } from '@noble/ciphers/aes.js';

export class AesBlockKey {
  private readonly expanded: Uint32Array;

  /** @param key 16 bytes */
  constructor(key: Uint8Array) {
    this.expanded = unsafe.expandKeyLE(key);
  }

  /** The last four bytes of the encrypted block as a number, the first of them lowest. */
  lastWord(block: readonly [number, number, number, number]): number {
    return unsafe.encrypt(this.expanded, ...block).s3 >>> 0;
  }
}
