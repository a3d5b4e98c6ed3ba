import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { agreed, ED25519_ORDER, littleEndian, P25519, portable } from '../test-support/libraries.js';
import { ALG } from './primitives.js';

describe('Ed25519 at the edges where libraries differ', () => {
  const seed = new Uint8Array(32).fill(9);
  const { coordinates, sign } = portable.importPrivate(ALG.EdDSA, seed);
  const message = Uint8Array.of(1);
  const verdict = (signature: Uint8Array, x = coordinates.x, about = message): string =>
    agreed((library) => library.importPublic({ algorithm: ALG.EdDSA, x, y: undefined })(about, signature));

  it('refuses a second form of S', () => {
    const signature = sign(message);
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`);
    expect(verdict(signature)).toBe('true');
    for (const other of [s + ED25519_ORDER, ED25519_ORDER, 2n ** 256n - 1n]) {
      expect(verdict(concat(signature.subarray(0, 32), littleEndian(other)))).toBe('false');
    }
  });

  it('refuses an R of small order, of no canonical form, or off the curve', () => {
    const s = sign(message).subarray(32);
    for (const y of [0n, 1n, 2n, P25519 - 1n, P25519, P25519 + 1n, 2n ** 255n - 1n, 2n ** 255n + 1n]) {
      expect(verdict(concat(littleEndian(y), s))).toBe('false');
    }
  });

  describe('with points that have a part of order 8', () => {
    const { Point } = ed25519;
    const { scalar } = ed25519.utils.getExtendedPublicKey(seed);
    const order8 = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
    const nonce = 12_345n;

    /** A signature whose equation holds once both sides are multiplied by the cofactor, perhaps not before. */
    function loose(
      r: Uint8Array,
      x: Uint8Array,
      about: Uint8Array,
    ): { signature: Uint8Array; challenge: bigint } {
      const challenge = bytesToNumberLE(sha512(concat(r, x, about))) % ED25519_ORDER;
      return { signature: concat(r, littleEndian((nonce + challenge * scalar) % ED25519_ORDER)), challenge };
    }

    it('refuses what holds only after multiplication by the cofactor', () => {
      const r = Point.BASE.multiply(nonce).add(order8).toBytes();
      const { signature } = loose(r, coordinates.x, message);
      expect(ed25519.verify(signature, message, coordinates.x, { zip215: false })).toBe(true);
      expect(verdict(signature)).toBe('false');
    });

    it('takes under a mixed key what holds without the cofactor, and nothing else', () => {
      const x = Point.fromBytes(coordinates.x).add(order8).toBytes();
      const r = Point.BASE.multiply(nonce).toBytes();
      const verdicts = Array.from({ length: 32 }, (_, i) => {
        const { signature, challenge } = loose(r, x, Uint8Array.of(i));
        return [verdict(signature, x, Uint8Array.of(i)), String(challenge % 8n === 0n)];
      });
      expect(verdicts.map(([got]) => got)).toEqual(verdicts.map(([, wanted]) => wanted));
      expect(new Set(verdicts.flat()).size).toBe(2);
    });
  });

  it('verifies nothing under a key that is off the curve', () => {
    expect(verdict(sign(message), littleEndian(2n))).toBe('false');
  });
});
