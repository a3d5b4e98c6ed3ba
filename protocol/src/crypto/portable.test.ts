import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { about, agreed, portable, sized, upTo } from '../test-support/libraries.js';
import type { CcmTagLength } from './primitives.js';

describe('the portable primitives answer as node:crypto does', () => {
  it('to hashing, comparing and base64', () => {
    fc.assert(
      fc.property(upTo(200), upTo(200), (a, b) => {
        agreed((library) => library.sha256(a));
        agreed((library) => library.hmac256(a, b));
        agreed((library) => library.toBase64(a));
        agreed((library) => library.equalSecret(a, b));
        expect(agreed((library) => library.equalSecret(a, Uint8Array.from(a)))).toBe('true');
      }),
    );
    const long = new Uint8Array(100_000).map((_, i) => i * 7);
    agreed((library) => library.toBase64(long));
  });

  it('to AES-CBC, whatever the lengths', () => {
    const blocks = fc.oneof(...[0, 16, 32, 160, 15, 17].map(sized));
    fc.assert(
      fc.property(fc.oneof(about(16), sized(24)), about(16), blocks, (key, iv, data) => {
        agreed((library) => library.aesCbcEncrypt(key, iv, data));
        agreed((library) => library.aesCbcDecrypt(key, iv, data));
      }),
    );
  });

  it.each<CcmTagLength>([4, 8, 16])(
    'to AES-CCM with a tag of %d bytes, whatever the lengths',
    (tagLength) => {
      const key = fc.oneof(about(16), sized(24));
      const nonce = fc.oneof(about(13), sized(7));
      fc.assert(
        fc.property(key, nonce, upTo(70), upTo(100), fc.nat(), (k, n, aad, plaintext, place) => {
          const sealed = agreed((library) => library.ccmSeal(k, n, aad, plaintext, tagLength));
          if (sealed === 'refused') return;
          const bytes = fromHex(sealed);
          expect(agreed((library) => library.ccmOpen(k, n, aad, bytes, tagLength))).toBe(toHex(plaintext));
          const damaged = Uint8Array.from(bytes);
          const at = place % damaged.length;
          damaged[at] = (damaged[at] ?? 0) ^ 0x10;
          for (const wrong of [
            damaged,
            bytes.subarray(1),
            bytes.subarray(0, tagLength - 1),
            new Uint8Array(),
          ]) {
            expect(agreed((library) => library.ccmOpen(k, n, aad, wrong, tagLength))).toBe('undefined');
          }
          expect(agreed((library) => library.ccmOpen(k, n, concat(aad, aad, n), bytes, tagLength))).toBe(
            'undefined',
          );
        }),
      );
    },
  );

  it('to AES-CCM at the limits of its lengths', () => {
    const [key, nonce, none] = [new Uint8Array(16), new Uint8Array(13), new Uint8Array()];
    for (const length of [0xfeff, 0xff00, 0x1_0001]) {
      agreed((library) => library.ccmSeal(key, nonce, new Uint8Array(length), none, 8));
    }
    const most = agreed((library) => library.ccmSeal(key, nonce, none, new Uint8Array(0xffff), 8));
    expect(most).toHaveLength(2 * (0xffff + 8));
    expect(agreed((library) => library.ccmSeal(key, nonce, none, new Uint8Array(0x1_0000), 8))).toBe(
      'refused',
    );
    expect(agreed((library) => library.ccmOpen(key, nonce, none, new Uint8Array(0x1_0008), 8))).toBe(
      'undefined',
    );
  });
});

describe('random bytes', () => {
  it('are as many as asked for, and other ones each time', () => {
    expect(portable.randomBytes(16)).toHaveLength(16);
    expect(portable.randomBytes(16)).not.toEqual(portable.randomBytes(16));
  });
});
